#include "emission/spsc_ring.h"

#include <sched.h>

#include <cstdint>
#include <thread>

#include "support/test_harness.h"

namespace joulespan::test {
namespace {

TEST(AFullRingRefuses) {
  SpscRing<int> ring(4);
  for (int i = 0; i < 4; ++i) CHECK(ring.Push(i));
  CHECK(!ring.Push(4));
  std::vector<int> items;
  ring.DrainTo(&items);
  CHECK(items == std::vector<int>({0, 1, 2, 3}));
  CHECK(ring.Push(5));
  ring.DrainTo(&items);
  CHECK_EQ(items.back(), 5);
}

TEST(CapacityMustBeAPowerOfTwo) {
  CHECK_THROWS(std::invalid_argument, SpscRing<int>(0), "power of two");
  CHECK_THROWS(std::invalid_argument, SpscRing<int>(12), "power of two");
}

TEST(TwoThreadsPassMillionsInOrder) {
  constexpr uint64_t kItems = 5'000'000;
  SpscRing<uint64_t> ring(1024);
  std::thread producer([&ring] {
    for (uint64_t i = 0; i < kItems; ++i) {
      while (!ring.Push(i)) sched_yield();
    }
  });
  std::vector<uint64_t> items;
  uint64_t next = 0;
  bool is_in_order = true;
  while (next < kItems && is_in_order) {
    items.clear();
    ring.DrainTo(&items);
    if (items.empty()) sched_yield();
    for (const uint64_t item : items) is_in_order = is_in_order && item == next++;
  }
  producer.join();
  CHECK(is_in_order);
  CHECK_EQ(next, kItems);
}

}  // namespace
}  // namespace joulespan::test
