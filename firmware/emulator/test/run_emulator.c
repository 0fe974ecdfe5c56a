#include "run_emulator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 64, LINE_MAX_BYTES = 1 << 16 };

scratch_t scratch_make(void) {
  scratch_t scratch;
  snprintf(scratch.path, sizeof scratch.path, "%s/joulespan-emulator-XXXXXX", P_tmpdir);
  if (!mkdtemp(scratch.path)) perror(scratch.path);
  return scratch;
}

void scratch_remove(const scratch_t *scratch) {
  pid_t process = fork();
  if (process == 0) {
    execlp("rm", "rm", "-rf", scratch->path, (char *)NULL);
    _exit(127);
  }
  waitpid(process, NULL, 0);
}

const char *scratch_file(const scratch_t *scratch, const char *name) {
  static char paths[32][160];
  static int next;
  char *path = paths[next++ % 32];
  snprintf(path, sizeof paths[0], "%s/%s", scratch->path, name);
  return path;
}

void scratch_write(const scratch_t *scratch, const char *name, const char *text) {
  FILE *file = fopen(scratch_file(scratch, name), "w");
  fputs(text, file);
  fclose(file);
}

emulator_t emulator_start(const char *program, const char *const *arguments) {
  int in[2], out[2];
  if (pipe(in) || pipe(out)) return (emulator_t){.process = -1};
  pid_t process = fork();
  if (process == 0) {
    const char *all[ARGUMENTS_MAX] = {program};
    for (int i = 0; arguments[i] && i + 2 < ARGUMENTS_MAX; i++) all[i + 1] = arguments[i];
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[0]);
    close(in[1]);
    close(out[0]);
    close(out[1]);
    execv(program, (char *const *)all);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  return (emulator_t){.process = process, .output = fdopen(out[0], "r"), .input = in[1]};
}

cJSON *emulator_line(emulator_t *emulator) {
  static char line[LINE_MAX_BYTES];
  return fgets(line, sizeof line, emulator->output) ? cJSON_Parse(line) : NULL;
}

int emulator_wait(emulator_t *emulator) {
  if (emulator->input >= 0) close(emulator->input);
  emulator->input = -1;
  int status;
  waitpid(emulator->process, &status, 0);
  fclose(emulator->output);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

double json_number(const cJSON *object, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

uint8_t *read_file(const char *path, size_t *size) {
  *size = 0;
  FILE *file = fopen(path, "rb");
  if (!file) return calloc(1, 1);
  fseek(file, 0, SEEK_END);
  size_t length = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = calloc(1, length + 1);
  *size = fread(bytes, 1, length, file);
  fclose(file);
  return bytes;
}

bool same_files(const char *a, const char *b) {
  size_t size_a, size_b;
  uint8_t *bytes_a = read_file(a, &size_a), *bytes_b = read_file(b, &size_b);
  bool same = size_a == size_b && size_a > 0 && !memcmp(bytes_a, bytes_b, size_a);
  free(bytes_a);
  free(bytes_b);
  return same;
}
