#ifndef EMULATOR_TEST_RUN_FILES_H
#define EMULATOR_TEST_RUN_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Readers for what a run leaves: journal, --codes, truth tables. All arrays are owned by the caller. */

typedef struct {
  int64_t stamp_ns;
  uint8_t kind;
  uint32_t length;
  const uint8_t *payload; /* into the file's bytes, which live as long as the program */
} journal_entry_t;

typedef struct {
  journal_entry_t *entries;
  size_t count;
} journal_t;

journal_t read_journal(const char *path);

typedef struct {
  uint16_t code;
  uint8_t input;
  uint32_t boot;
} code_entry_t;

typedef struct {
  code_entry_t *entries;
  size_t count;
} codes_t;

codes_t read_codes(const char *path);

/* The rows of truth/clock.csv. */
typedef struct {
  struct clock_row {
    unsigned boot;
    uint64_t index;
    int64_t host_ns;
    double fraction_ns;
  } *rows;
  size_t count;
} clock_table_t;

clock_table_t read_clock(const char *path);
/* Hold instant of a sample, between rows in proportion: exact to 1 ns, for the rate moves by 1 ppm in a second. */
double hold_ns(const clock_table_t *table, unsigned boot, uint64_t index, int64_t origin_ns);

/* Rows of a CSV file behind its header; numbers, text counts as 0. */
typedef struct {
  double (*cells)[8];
  char (*second)[16]; /* the second column as text */
  size_t count;
} csv_t;

csv_t read_csv(const char *path);

#endif
