#include <stdio.h>

#include "live.h"
#include "offline.h"
#include "options.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int main(int argument_count, char **arguments) {
  options_t options;
  failure_t failure;
  if (!options_read(&options, argument_count, arguments, &failure)) {
    fprintf(stderr, "joulespan-emulator: %s\n", failure.text);
    return EXIT_USAGE;
  }
  if (options.help) {
    fputs(options_help(), stdout);
    return EXIT_OK;
  }
  bool ok = options.offline ? offline_run(&options, &failure) : live_run(&options, &failure);
  if (ok) return EXIT_OK;
  fprintf(stderr, "joulespan-emulator: %s\n", failure.text);
  return EXIT_FAILED;
}
