// What the double's "Edge TPU" computes: bytes that depend on every input byte and on their order.
#ifndef JOULESPAN_TEST_EDGETPU_DOUBLE_DOUBLE_OUTPUT_H_
#define JOULESPAN_TEST_EDGETPU_DOUBLE_DOUBLE_OUTPUT_H_

#include <cstddef>
#include <cstdint>

namespace joulespan::test {

constexpr uint64_t kDoubleSeed = 0xcbf29ce484222325u;

// FNV-1a over all inputs in turn.
inline uint64_t MixInput(uint64_t hash, const void* data, size_t bytes) {
  const auto* byte = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ byte[i]) * 0x100000001b3u;
  return hash;
}

inline uint8_t OutputByte(uint64_t hash, size_t output, size_t at) {
  uint64_t z = hash + 0x9E3779B97F4A7C15u * (at + 1) + output;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  return static_cast<uint8_t>(z >> 32);
}

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_EDGETPU_DOUBLE_DOUBLE_OUTPUT_H_
