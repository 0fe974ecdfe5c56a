#ifndef EMULATOR_FAILURE_H
#define EMULATOR_FAILURE_H

#include <stdbool.h>

/* One line: what was expected, what was seen, where, what to do. Owned by the caller. */
typedef struct {
  char text[512];
} failure_t;

/* Writes the line and returns false, so that a check reads `return failure_set(...)`. */
bool failure_set(failure_t *failure, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
