// Random numbers drawn from a key instead of from a running state: the draw of (seed, task, inference, segment) is the
// same whichever thread asks for it, and when.
#ifndef JOULESPAN_RANDOM_KEYED_RANDOM_H_
#define JOULESPAN_RANDOM_KEYED_RANDOM_H_

#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace joulespan {

// What a draw is for: the first part of a key after the seed, so that two uses never share a stream.
enum class RandomUse : uint64_t { kArrival = 1, kSpan, kWakeUp, kSourceId, kInput, kMarker };

class KeyedRandom {
 public:
  KeyedRandom(uint64_t seed, RandomUse use, std::initializer_list<uint64_t> key)
      : state_(Mix(Mix(seed) ^ static_cast<uint64_t>(use))) {
    for (const uint64_t part : key) state_ = Mix(state_ ^ part);
  }

  // SplitMix64 (Steele, Lea, Flood 2014): every state gives a full-period stream.
  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15u;
    return Finalize(state_);
  }

  // [0, 1), 53 bits.
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

  // Mean 1.
  double Exponential() { return -std::log1p(-Uniform()); }

  // Mean 0, deviation 1 before clipping at 3 deviations, which takes 1.3 % off the deviation.
  double ClippedNormal() {
    const double radius = std::sqrt(2.0 * Exponential());
    const double normal = radius * std::cos(2.0 * 3.14159265358979323846 * Uniform());
    return std::fmax(-3.0, std::fmin(3.0, normal));
  }

 private:
  static uint64_t Finalize(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  static uint64_t Mix(uint64_t z) { return Finalize(z + 0x9E3779B97F4A7C15u); }

  uint64_t state_;
};

}  // namespace joulespan

#endif  // JOULESPAN_RANDOM_KEYED_RANDOM_H_
