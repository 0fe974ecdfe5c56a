/* Random streams: moments, independence of each other, and that a label alone decides. */
#include "check.h"
#include "draw.h"

static void check_normal(void);
static void check_exponential(void);
static void check_streams(void);

int main(void) {
  check_normal();
  check_exponential();
  check_streams();
  return check_report();
}

static void check_normal(void) {
  enum { N = 400000 };
  draw_t stream = draw_stream(1, "normal");
  double sum = 0, square = 0, fourth = 0, neighbours = 0, last = 0;
  for (int i = 0; i < N; i++) {
    double x = draw_normal(&stream);
    sum += x;
    square += x * x;
    fourth += x * x * x * x;
    neighbours += x * last;
    last = x;
  }
  /* five standard errors each */
  CHECK_NEAR(sum / N, 0, 5 / sqrt(N));
  CHECK_NEAR(square / N, 1, 5 * sqrt(2.0 / N));
  CHECK_NEAR(fourth / N, 3, 5 * sqrt(96.0 / N));
  CHECK_NEAR(neighbours / N, 0, 5 / sqrt(N));
}

static void check_exponential(void) {
  enum { N = 400000 };
  draw_t stream = draw_stream(1, "exponential");
  double sum = 0, least = 1;
  for (int i = 0; i < N; i++) {
    double x = draw_exponential(&stream, 20e-6);
    sum += x;
    least = fmin(least, x);
  }
  CHECK_NEAR(sum / N, 20e-6, 5 * 20e-6 / sqrt(N));
  CHECK(least >= 0);
}

static void check_streams(void) {
  draw_t a = draw_stream(7, "clock.ppm"), again = draw_stream(7, "clock.ppm");
  draw_t other_label = draw_stream(7, "supply.vcc"), other_seed = draw_stream(8, "clock.ppm");
  draw_t family = draw_stream_at(7, "device.lag", 3), spelled = draw_stream(7, "device.lag.3");
  uint64_t first = draw_bits(&a);
  CHECK(first == draw_bits(&again));
  CHECK(first != draw_bits(&other_label));
  CHECK(first != draw_bits(&other_seed));
  CHECK(draw_bits(&family) == draw_bits(&spelled));
}
