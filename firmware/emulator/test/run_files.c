#include "run_files.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "little_endian.h"
#include "run_emulator.h"

enum { JOURNAL_HEADER_BYTES = 16, CODE_BYTES = 8 };

static char *next_line(char **text);

journal_t read_journal(const char *path) {
  size_t size;
  uint8_t *bytes = read_file(path, &size);
  journal_t journal = {.entries = calloc(size / JOURNAL_HEADER_BYTES + 1, sizeof *journal.entries)};
  for (size_t at = 0; at + JOURNAL_HEADER_BYTES <= size;) {
    journal_entry_t *entry = &journal.entries[journal.count++];
    entry->stamp_ns = (int64_t)load_u64le(bytes + at);
    entry->kind = bytes[at + 8];
    entry->length = load_u32le(bytes + at + 12);
    entry->payload = bytes + at + JOURNAL_HEADER_BYTES;
    at += JOURNAL_HEADER_BYTES + entry->length;
  }
  return journal;
}

codes_t read_codes(const char *path) {
  size_t size;
  uint8_t *bytes = read_file(path, &size);
  codes_t codes = {.entries = calloc(size / CODE_BYTES + 1, sizeof *codes.entries), .count = size / CODE_BYTES};
  for (size_t i = 0; i < codes.count; i++) {
    const uint8_t *at = bytes + i * CODE_BYTES;
    codes.entries[i] = (code_entry_t){.code = load_u16le(at), .input = at[2], .boot = load_u32le(at + 4)};
  }
  free(bytes);
  return codes;
}

clock_table_t read_clock(const char *path) {
  size_t size;
  char *text = (char *)read_file(path, &size), *at = text;
  clock_table_t table = {.rows = calloc(size / 8 + 1, sizeof *table.rows)};
  next_line(&at);
  for (char *line; (line = next_line(&at));) {
    struct clock_row *row = &table.rows[table.count++];
    int picoseconds = 0;
    sscanf(line, "%u,%" SCNu64 ",%" SCNd64 ".%d", &row->boot, &row->index, &row->host_ns, &picoseconds);
    row->fraction_ns = picoseconds * 1e-3;
  }
  free(text);
  return table;
}

double hold_ns(const clock_table_t *table, unsigned boot, uint64_t index, int64_t origin_ns) {
  for (size_t i = 0; i + 1 < table->count; i++) {
    const struct clock_row *a = &table->rows[i], *b = a + 1;
    if (a->boot != boot || b->boot != boot || index < a->index || index > b->index) continue;
    double from = (double)(a->host_ns - origin_ns) + a->fraction_ns,
           to = (double)(b->host_ns - origin_ns) + b->fraction_ns;
    return from + (to - from) * (double)(index - a->index) / (double)(b->index - a->index);
  }
  return NAN;
}

csv_t read_csv(const char *path) {
  size_t size;
  char *text = (char *)read_file(path, &size), *at = text;
  csv_t csv = {.cells = calloc(size / 8 + 1, sizeof *csv.cells), .second = calloc(size / 8 + 1, sizeof *csv.second)};
  next_line(&at);
  for (char *line; (line = next_line(&at));) {
    for (int column = 0; column < 8 && line; column++) {
      char *cell = strsep(&line, ",");
      csv.cells[csv.count][column] = strtod(cell, NULL);
      if (column == 1) snprintf(csv.second[csv.count], sizeof csv.second[0], "%.15s", cell);
    }
    csv.count++;
  }
  free(text);
  return csv;
}

static char *next_line(char **text) {
  char *line = strsep(text, "\n");
  return line && *line ? line : NULL;
}
