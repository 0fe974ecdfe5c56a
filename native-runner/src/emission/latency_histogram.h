// Counts of durations in buckets 1/32 of an octave wide: percentiles to 3 %, in constant memory for weeks.
#ifndef JOULESPAN_EMISSION_LATENCY_HISTOGRAM_H_
#define JOULESPAN_EMISSION_LATENCY_HISTOGRAM_H_

#include <array>
#include <cstdint>

namespace joulespan {

class LatencyHistogram {
 public:
  // Negative durations count as 0.
  void Add(int64_t duration_ns);
  void Merge(const LatencyHistogram& other);

  // Upper edge of the bucket that holds the quantile, at most the maximum; 0 when empty. `quantile` in (0, 1].
  int64_t QuantileNs(double quantile) const;
  int64_t max_ns() const { return max_ns_; }
  uint64_t count() const { return count_; }

 private:
  static constexpr int kSubBucketBits = 5;
  static constexpr int kBuckets = (64 - kSubBucketBits) << kSubBucketBits;

  static int BucketOf(uint64_t duration_ns);
  static uint64_t UpperEdgeNs(int bucket);

  std::array<uint64_t, kBuckets> counts_{};
  uint64_t count_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_EMISSION_LATENCY_HISTOGRAM_H_
