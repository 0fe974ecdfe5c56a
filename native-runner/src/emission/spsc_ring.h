// A bounded queue between one producing and one consuming thread, without locks.
#ifndef JOULESPAN_EMISSION_SPSC_RING_H_
#define JOULESPAN_EMISSION_SPSC_RING_H_

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace joulespan {

// Two threads that write to one cache line take turns at owning it (x86 and most ARM: 64 bytes).
constexpr size_t kCacheLineBytes = 64;

template <typename T>
class SpscRing {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit SpscRing(size_t capacity) : slots_(capacity), mask_(capacity - 1) {
    if (capacity == 0 || (capacity & mask_) != 0) throw std::invalid_argument("ring capacity must be a power of two");
  }

  // Producer only. False when full: nothing was stored.
  bool Push(const T& item) {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head - cached_tail_ > mask_) {
      cached_tail_ = tail_.load(std::memory_order_acquire);
      if (head - cached_tail_ > mask_) return false;
    }
    slots_[head & mask_] = item;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // Consumer only. Appends everything that was pushed before the call.
  void DrainTo(std::vector<T>* items) {
    const size_t head = head_.load(std::memory_order_acquire);
    size_t tail = tail_.load(std::memory_order_relaxed);
    for (; tail != head; ++tail) items->push_back(slots_[tail & mask_]);
    tail_.store(tail, std::memory_order_release);
  }

 private:
  std::vector<T> slots_;
  const size_t mask_;
  alignas(kCacheLineBytes) std::atomic<size_t> head_{0};
  size_t cached_tail_ = 0;  // the producer's last look at tail_
  alignas(kCacheLineBytes) std::atomic<size_t> tail_{0};
};

}  // namespace joulespan

#endif  // JOULESPAN_EMISSION_SPSC_RING_H_
