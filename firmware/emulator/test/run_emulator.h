#ifndef EMULATOR_TEST_RUN_EMULATOR_H
#define EMULATOR_TEST_RUN_EMULATOR_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* A folder of its own for a test's files, removed at the end. */
typedef struct {
  char path[64];
} scratch_t;

scratch_t scratch_make(void);
void scratch_remove(const scratch_t *scratch);
/* path/name, in one of a few static buffers. */
const char *scratch_file(const scratch_t *scratch, const char *name);
void scratch_write(const scratch_t *scratch, const char *name, const char *text);

typedef struct {
  pid_t process;
  FILE *output; /* its stdout */
  int input;    /* closing it ends a live run */
} emulator_t;

/* Arguments behind the program's path, NULL at the end. */
emulator_t emulator_start(const char *program, const char *const *arguments);
/* Next line of JSON from its stdout, NULL at the end. Owned by the caller. */
cJSON *emulator_line(emulator_t *emulator);
/* Closes its stdin and waits: the exit code, -1 when it died otherwise. */
int emulator_wait(emulator_t *emulator);
double json_number(const cJSON *object, const char *name);

/* A whole file; *size without the terminating zero. Owned by the caller. */
uint8_t *read_file(const char *path, size_t *size);
bool same_files(const char *a, const char *b);

#endif
