#include "check.h"

#include <stdio.h>

/* The first failures are shown, all are counted. */
#define SHOWN_MAX 20

static int passed;
static int failed;

static bool count_and_show(bool ok) {
  if (ok) {
    passed++;
    return false;
  }
  return failed++ < SHOWN_MAX;
}

void check_that(bool ok, const char *text, const char *file, int line) {
  if (count_and_show(ok)) fprintf(stderr, "%s:%d: not so: %s\n", file, line, text);
}

void check_range(long long seen, long long low, long long high, const char *text, const char *file, int line) {
  if (!count_and_show(seen >= low && seen <= high)) return;
  fprintf(stderr, "%s:%d: %s is %lld, expected %lld", file, line, text, seen, low);
  if (high != low) fprintf(stderr, " to %lld", high);
  fprintf(stderr, "\n");
}

int check_failures(void) { return failed; }

int check_report(const char *name) {
  printf("%s: %d passed, %d failed\n", name, passed, failed);
  return failed != 0 || passed == 0;
}
