#include "emission/latency_histogram.h"

#include <cmath>
#include <limits>

#include "support/test_harness.h"

namespace joulespan::test {
namespace {

TEST(AnEmptyHistogramAnswersZero) { CHECK_EQ(LatencyHistogram().QuantileNs(0.5), 0); }

TEST(SmallDurationsAreExact) {
  LatencyHistogram histogram;
  for (int64_t ns = 0; ns < 32; ++ns) histogram.Add(ns);
  for (int64_t ns = 0; ns < 32; ++ns) CHECK_EQ(histogram.QuantileNs((ns + 1) / 32.0), ns);
}

TEST(QuantilesAreWithinAThirtySecond) {
  LatencyHistogram histogram;
  for (int64_t ns = 1; ns <= 1'000'000; ++ns) histogram.Add(ns);
  for (const double quantile : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double expected_ns = quantile * 1e6;
    CHECK(std::abs(histogram.QuantileNs(quantile) - expected_ns) <= expected_ns / 32 + 1);
  }
  CHECK_EQ(histogram.QuantileNs(1), 1'000'000);
}

TEST(ExtremesStayInside) {
  LatencyHistogram histogram;
  histogram.Add(-5);
  histogram.Add(std::numeric_limits<int64_t>::max());
  CHECK_EQ(histogram.QuantileNs(0.5), 0);
  CHECK_EQ(histogram.QuantileNs(1), std::numeric_limits<int64_t>::max());
  CHECK_EQ(histogram.max_ns(), std::numeric_limits<int64_t>::max());
}

TEST(MergingAddsUp) {
  LatencyHistogram low, high;
  for (int i = 0; i < 99; ++i) low.Add(10);
  high.Add(5000);
  low.Merge(high);
  CHECK_EQ(low.count(), 100u);
  CHECK_EQ(low.QuantileNs(0.99), 10);
  CHECK_EQ(low.QuantileNs(1), 5000);
}

}  // namespace
}  // namespace joulespan::test
