#ifndef EMULATOR_STATISTICS_H
#define EMULATOR_STATISTICS_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "testbed.h"

/* The counts of a testbed, for the last line of a run. Owned by the caller. */
cJSON *statistics_of(const testbed_t *testbed, double wall_s);
/* An integer beyond 2^53, which cJSON's own numbers would round. */
void statistics_add_integer(cJSON *object, const char *name, int64_t value);
/* One line of JSON; frees the document. */
void statistics_print(cJSON *document, FILE *file);

#endif
