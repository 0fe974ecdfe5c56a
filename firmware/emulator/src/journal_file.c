#include "journal_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "little_endian.h"

enum { HEADER_BYTES = 16 };

static void write_record(FILE *file, const struct journal_record *record);

bool journal_file_open(journal_file_t *journal, const char *path, failure_t *failure) {
  *journal = (journal_file_t){.path = path};
  journal->file = strcmp(path, "-") ? fopen(path, "wb") : stdout;
  return journal->file || failure_set(failure, "%s: cannot be written, check --to-journal", path);
}

void journal_file_add(journal_file_t *journal, int64_t stamp_ns, uint8_t kind, const void *payload, size_t length) {
  if (journal->count == journal->capacity) {
    journal->capacity = journal->capacity ? 2 * journal->capacity : 64;
    journal->waiting = realloc(journal->waiting, journal->capacity * sizeof *journal->waiting);
  }
  struct journal_record record = {
      .stamp_ns = stamp_ns, .kind = kind, .length = (uint32_t)length, .payload = malloc(length)};
  memcpy(record.payload, payload, length);
  size_t at = journal->count++;
  for (; at > 0 && journal->waiting[at - 1].stamp_ns > stamp_ns; at--) journal->waiting[at] = journal->waiting[at - 1];
  journal->waiting[at] = record;
}

void journal_file_settle(journal_file_t *journal, int64_t before_ns) {
  size_t settled = 0;
  while (settled < journal->count && journal->waiting[settled].stamp_ns < before_ns) {
    write_record(journal->file, &journal->waiting[settled]);
    free(journal->waiting[settled++].payload);
  }
  journal->count -= settled;
  memmove(journal->waiting, journal->waiting + settled, journal->count * sizeof *journal->waiting);
}

bool journal_file_finish(journal_file_t *journal, failure_t *failure) {
  journal_file_settle(journal, INT64_MAX);
  bool ok = fflush(journal->file) == 0 && !ferror(journal->file);
  if (journal->file != stdout && fclose(journal->file) != 0) ok = false;
  journal->file = NULL;
  return ok || failure_set(failure, "%s: the disk did not take everything: %s", journal->path, strerror(errno));
}

void journal_file_free(journal_file_t *journal) {
  for (size_t i = 0; i < journal->count; i++) free(journal->waiting[i].payload);
  free(journal->waiting);
  if (journal->file && journal->file != stdout) fclose(journal->file);
}

static void write_record(FILE *file, const struct journal_record *record) {
  uint8_t header[HEADER_BYTES] = {0};
  store_u64le(header, (uint64_t)record->stamp_ns);
  header[8] = record->kind;
  store_u32le(header + 12, record->length);
  fwrite(header, 1, sizeof header, file);
  fwrite(record->payload, 1, record->length, file);
}
