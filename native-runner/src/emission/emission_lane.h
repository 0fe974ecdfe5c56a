// The way of one thread's events (and, on a virtual card, powers) to the publisher: stamped, pushed, never waited for.
//
// The watermark needs a promise from every lane: while an event is being stamped, `pending_ns` holds a time that its
// stamp cannot precede. It is stored before the clock is read, and costs no read of its own: the lane's last stamp will
// do, since CLOCK_MONOTONIC does not go back.
#ifndef JOULESPAN_EMISSION_EMISSION_LANE_H_
#define JOULESPAN_EMISSION_EMISSION_LANE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "clock/monotonic_clock.h"
#include "emission/latency_histogram.h"
#include "emission/spsc_ring.h"
#include "wire/event.h"
#include "wire/power_record.h"

namespace joulespan {

// The publisher drains every millisecond; these hold seconds of the busiest thread while it is kept waiting by a disk.
constexpr size_t kLaneEvents = 32768;
constexpr size_t kLanePowers = 32768;

class EmissionLane {
 public:
  // `born_ns`: a reading of CLOCK_MONOTONIC before the lane's thread starts. A lane that carries powers has a ring for
  // them.
  EmissionLane(int64_t born_ns, bool carries_powers, size_t event_capacity = kLaneEvents)
      : events_(event_capacity),
        powers_(carries_powers ? kLanePowers : 1),
        carries_powers_(carries_powers),
        last_stamp_ns_(born_ns) {}

  // Producer: stamps the event with the one clock read it costs, pushes it and answers the stamp.
  int64_t Emit(const Event& event) {
    if (emitted_++ % kMeasureEvery != 0) {
      const int64_t stamp_ns = EmitAndHold(event);
      Release();
      return stamp_ns;
    }
    const int64_t before_ns = NowNs();
    const int64_t stamp_ns = EmitAndHold(event);
    Release();
    emission_.Add(NowNs() - before_ns);
    return stamp_ns;
  }

  // Producer: the same, but the watermark stays behind this stamp until Release(), so that powers which depend on the
  // stamp can follow.
  int64_t EmitAndHold(Event event) {
    pending_ns_.store(last_stamp_ns_, std::memory_order_seq_cst);
    event.t_ns = NowNs();
    last_stamp_ns_ = event.t_ns;
    if (!events_.Push(event)) events_dropped_.fetch_add(1, std::memory_order_relaxed);
    return event.t_ns;
  }

  // Producer: an event that something done between two clock reads is told by. It is stamped with the read before, and
  // the watermark stays behind that until it is pushed.
  template <typename Act>
  void EmitAround(Event event, Act act) {
    pending_ns_.store(last_stamp_ns_, std::memory_order_seq_cst);
    event.t_ns = NowNs();
    last_stamp_ns_ = event.t_ns;
    act();
    event.bracket_ns = static_cast<uint32_t>(std::min<int64_t>(NowNs() - event.t_ns, kNone32));
    if (!events_.Push(event)) events_dropped_.fetch_add(1, std::memory_order_relaxed);
    Release();
  }

  // Producer, between EmitAndHold and Release, or within EmitAround: not before the stamp held.
  void PushPower(const PowerRecord& record) {
    if (!powers_.Push(record)) powers_dropped_.fetch_add(1, std::memory_order_relaxed);
  }

  // Producer, without an event: no power before `instant_ns` is to be given up yet; kNever: none is pending.
  void HoldAt(int64_t instant_ns) { pending_ns_.store(instant_ns, std::memory_order_seq_cst); }

  void Release() { pending_ns_.store(kNever, std::memory_order_release); }

  bool carries_powers() const { return carries_powers_; }

  // Consumer.
  int64_t pending_ns() const { return pending_ns_.load(std::memory_order_seq_cst); }
  void DrainTo(std::vector<Event>* events, std::vector<PowerRecord>* powers) {
    events_.DrainTo(events);
    powers_.DrainTo(powers);
  }

  // Any thread.
  uint64_t events_dropped() const { return events_dropped_.load(std::memory_order_relaxed); }
  uint64_t powers_dropped() const { return powers_dropped_.load(std::memory_order_relaxed); }

  // What emitting cost, of one event in kMeasureEvery, two extra clock reads included. After the producer has ended.
  const LatencyHistogram& emission() const { return emission_; }

 private:
  static constexpr uint32_t kMeasureEvery = 64;

  SpscRing<Event> events_;
  SpscRing<PowerRecord> powers_;
  const bool carries_powers_;
  alignas(kCacheLineBytes) std::atomic<int64_t> pending_ns_{kNever};
  alignas(kCacheLineBytes) int64_t last_stamp_ns_;
  uint32_t emitted_ = 0;
  LatencyHistogram emission_;
  alignas(kCacheLineBytes) std::atomic<uint64_t> events_dropped_{0};
  std::atomic<uint64_t> powers_dropped_{0};
};

}  // namespace joulespan

#endif  // JOULESPAN_EMISSION_EMISSION_LANE_H_
