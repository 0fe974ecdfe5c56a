#ifndef EMULATOR_HOST_SCRIPT_H
#define EMULATOR_HOST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

typedef struct {
  int64_t host_ns;       /* CLOCK_MONOTONIC before the write */
  size_t offset, length; /* into bytes */
} host_write_t;

/* What the host wrote, known beforehand: lines of `<host_ns> <hex bytes>`, ascending. */
typedef struct {
  host_write_t *writes;
  size_t count;
  uint8_t *bytes;
} host_script_t;

bool host_script_read(host_script_t *script, const char *path, failure_t *failure);
void host_script_free(host_script_t *script);

#endif
