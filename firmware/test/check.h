/* Counts assertions over all files of a test program, which ends with `return check_report("name")`. */
#ifndef JOULESPAN_CHECK_H
#define JOULESPAN_CHECK_H

#include <stdbool.h>

#define CHECK(condition) check_that(condition, #condition, __FILE__, __LINE__)
#define CHECK_EQ(seen, expected) CHECK_BETWEEN(seen, expected, expected)
#define CHECK_BETWEEN(seen, low, high) \
  check_range((long long)(seen), (long long)(low), (long long)(high), #seen, __FILE__, __LINE__)

void check_that(bool ok, const char *text, const char *file, int line);
void check_range(long long seen, long long low, long long high, const char *text, const char *file, int line);

int check_failures(void);

/* Prints one line; the exit code: 0 when there were checks and all held. */
int check_report(const char *name);

#endif
