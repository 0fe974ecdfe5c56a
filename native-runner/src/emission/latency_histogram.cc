#include "emission/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace joulespan {

void LatencyHistogram::Add(int64_t duration_ns) {
  const int64_t clipped_ns = std::max<int64_t>(duration_ns, 0);
  ++counts_[BucketOf(static_cast<uint64_t>(clipped_ns))];
  ++count_;
  max_ns_ = std::max(max_ns_, clipped_ns);
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  for (int i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

int64_t LatencyHistogram::QuantileNs(double quantile) const {
  if (count_ == 0) return 0;
  const uint64_t rank = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(quantile * count_)));
  uint64_t seen = 0;
  for (int i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min<int64_t>(max_ns_, static_cast<int64_t>(UpperEdgeNs(i)));
  }
  return max_ns_;
}

// Durations below 2^5 ns have a bucket each; above, the octave and the next five bits choose it.
int LatencyHistogram::BucketOf(uint64_t duration_ns) {
  if (duration_ns < (1u << kSubBucketBits)) return static_cast<int>(duration_ns);
  const int octave = 63 - __builtin_clzll(duration_ns);
  const int shift = octave - kSubBucketBits;
  return ((shift + 1) << kSubBucketBits) + static_cast<int>((duration_ns >> shift) - (1u << kSubBucketBits));
}

uint64_t LatencyHistogram::UpperEdgeNs(int bucket) {
  if (bucket < (1 << kSubBucketBits)) return static_cast<uint64_t>(bucket);
  const int shift = (bucket >> kSubBucketBits) - 1;
  const uint64_t mantissa = (1u << kSubBucketBits) + (bucket & ((1 << kSubBucketBits) - 1));
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace joulespan
