#include "host_script.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_line(host_script_t *script, size_t *size, const char *text);

bool host_script_read(host_script_t *script, const char *path, failure_t *failure) {
  *script = (host_script_t){0};
  FILE *file = fopen(path, "r");
  if (!file) return failure_set(failure, "%s: host script cannot be read, check --host-script", path);
  char line[4096];
  size_t size = 0;
  bool ok = true;
  for (int number = 1; ok && fgets(line, sizeof line, file); number++) {
    line[strcspn(line, "\r\n")] = 0;
    if (!line[0]) continue;
    if (!read_line(script, &size, line))
      ok = failure_set(failure, "%s line %d: expected `<host_ns> <hex bytes>`, saw %.60s", path, number, line);
    else if (script->count > 1 && script->writes[script->count - 1].host_ns < script->writes[script->count - 2].host_ns)
      ok = failure_set(failure, "%s line %d: expected ascending times", path, number);
  }
  fclose(file);
  return ok;
}

void host_script_free(host_script_t *script) {
  free(script->writes);
  free(script->bytes);
  *script = (host_script_t){0};
}

static bool read_line(host_script_t *script, size_t *size, const char *text) {
  int64_t host_ns;
  int used = 0;
  if (sscanf(text, "%" SCNd64 " %n", &host_ns, &used) != 1) return false;
  const char *hex = text + used;
  size_t digits = strspn(hex, "0123456789abcdefABCDEF");
  if (digits == 0 || digits % 2 != 0 || hex[digits]) return false;
  script->writes = realloc(script->writes, (script->count + 1) * sizeof *script->writes);
  script->writes[script->count++] = (host_write_t){.host_ns = host_ns, .offset = *size, .length = digits / 2};
  script->bytes = realloc(script->bytes, *size + digits / 2);
  for (size_t i = 0; i < digits; i += 2) {
    char pair[3] = {hex[i], hex[i + 1], 0};
    script->bytes[(*size)++] = (uint8_t)strtoul(pair, NULL, 16);
  }
  return true;
}
