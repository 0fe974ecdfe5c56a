#ifndef EMULATOR_JOURNAL_FILE_H
#define EMULATOR_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "failure.h"

/*
 * --to-journal: what a host would have written down, ordered by stamp. Little endian records
 *   { i64 stamp_ns (host CLOCK_MONOTONIC), u8 kind (protocol/journal.md), u8[3] zero, u32 length, payload }
 */
typedef struct {
  FILE *file;
  const char *path;
  struct journal_record {
    int64_t stamp_ns;
    uint8_t kind;
    uint32_t length;
    uint8_t *payload;
  } *waiting; /* ascending; bytes still under way may sort before a later stamp */
  size_t count, capacity;
} journal_file_t;

/* "-" is stdout. */
bool journal_file_open(journal_file_t *journal, const char *path, failure_t *failure);
void journal_file_add(journal_file_t *journal, int64_t stamp_ns, uint8_t kind, const void *payload, size_t length);
/* No record with an earlier stamp will follow. */
void journal_file_settle(journal_file_t *journal, int64_t before_ns);
/* Writes what still waits; false when the disk did not take everything. */
bool journal_file_finish(journal_file_t *journal, failure_t *failure);
void journal_file_free(journal_file_t *journal);

#endif
