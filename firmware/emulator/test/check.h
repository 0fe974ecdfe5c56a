#ifndef EMULATOR_TEST_CHECK_H
#define EMULATOR_TEST_CHECK_H

#include <math.h>
#include <stdio.h>

/* A test program counts its checks and tells `N passed, N failed`; each failure is one line. */
static int checks_passed, checks_failed;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (condition) {                                                          \
      checks_passed++;                                                        \
    } else {                                                                  \
      checks_failed++;                                                        \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
    }                                                                         \
  } while (0)

#define CHECK_NEAR(actual, expected, tolerance)                                                                     \
  do {                                                                                                              \
    double actual_ = (actual), expected_ = (expected), tolerance_ = (tolerance);                                    \
    if (fabs(actual_ - expected_) <= tolerance_) {                                                                  \
      checks_passed++;                                                                                              \
    } else {                                                                                                        \
      checks_failed++;                                                                                              \
      fprintf(stderr, "%s:%d: failed: %s is %.15g, expected %.15g +- %.3g\n", __FILE__, __LINE__, #actual, actual_, \
              expected_, tolerance_);                                                                               \
    }                                                                                                               \
  } while (0)

/* For the end of main. */
static inline int check_report(void) {
  printf("%d passed, %d failed\n", checks_passed, checks_failed);
  return checks_failed ? 1 : 0;
}

#endif
