// The watermark: no event below it ever follows, whatever the threads do.
#include "emission/lane_collector.h"

#include <sched.h>

#include <atomic>
#include <memory>
#include <thread>

#include "support/test_harness.h"

namespace joulespan::test {
namespace {

Event StageEvent(uint32_t span_id) {
  Event event;
  event.kind = JS_KIND_STAGE;
  event.span_id = span_id;
  return event;
}

TEST(ALaneThatHoldsKeepsTheWatermarkBehindItsStamp) {
  EmissionLane lane(NowNs(), true);
  LaneCollector collector({&lane});
  const int64_t held_ns = lane.EmitAndHold(StageEvent(1));
  SleepUntilNs(NowNs() + kNsPerMs);
  const CollectedBatch& while_held = collector.Collect();
  CHECK(while_held.watermark_ns <= held_ns);
  CHECK(while_held.events.empty());
  PowerRecord record;
  record.t_ns = held_ns;
  lane.PushPower(record);
  lane.Release();
  SleepUntilNs(NowNs() + kNsPerMs);
  const CollectedBatch& released = collector.Collect();
  CHECK(released.watermark_ns > held_ns);
  CHECK_EQ(released.events.size(), 1u);
  CHECK_EQ(released.powers.size(), 1u);
}

TEST(TheWatermarkFollowsTheClockWhenNothingHappens) {
  EmissionLane lane(NowNs(), false);
  LaneCollector collector({&lane});
  const int64_t before_ns = NowNs();
  const int64_t watermark_ns = collector.Collect().watermark_ns;
  CHECK(watermark_ns >= before_ns - 10 * kNsPerUs);
  CHECK(watermark_ns <= NowNs());
}

TEST(AFullLaneCountsWhatItLoses) {
  EmissionLane lane(NowNs(), false, 4);
  LaneCollector collector({&lane});
  for (uint32_t i = 0; i < 7; ++i) lane.Emit(StageEvent(i));
  CHECK_EQ(collector.EventsDropped(), 3u);
  CHECK_EQ(collector.CollectLast().events.size(), 4u);
}

TEST(ManyThreadsNeverBreakThePromise) {
  constexpr int kThreads = 6;  // more than cores: threads are preempted between the promise and the push
  constexpr uint32_t kEventsEach = 200'000;
  std::vector<std::unique_ptr<EmissionLane>> lanes;
  std::vector<EmissionLane*> pointers;
  for (int i = 0; i < kThreads; ++i) {
    lanes.push_back(std::make_unique<EmissionLane>(NowNs(), true));
    pointers.push_back(lanes.back().get());
  }
  LaneCollector collector(pointers);
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (EmissionLane* lane : pointers) {
    threads.emplace_back([lane, &running] {
      for (uint32_t i = 0; i < kEventsEach; ++i) {
        const int64_t stamp_ns = lane->EmitAndHold(StageEvent(i));
        if (i % 16 == 0) {
          PowerRecord record;
          record.t_ns = stamp_ns;
          lane->PushPower(record);
        }
        lane->Release();
        if (i % 1024 == 0) sched_yield();
      }
      --running;
    });
  }
  uint64_t events = 0;
  int64_t watermark_ns = 0;
  int64_t last_ns = 0;
  bool is_kept = true;
  const auto take = [&](const CollectedBatch& batch) {
    for (const Event& event : batch.events) {
      is_kept = is_kept && event.t_ns >= watermark_ns && event.t_ns >= last_ns && event.t_ns < batch.watermark_ns;
      last_ns = event.t_ns;
    }
    for (const PowerRecord& record : batch.powers) is_kept = is_kept && record.t_ns >= watermark_ns;
    is_kept = is_kept && batch.watermark_ns >= watermark_ns;
    watermark_ns = batch.watermark_ns;
    events += batch.events.size();
  };
  while (running.load() > 0) take(collector.Collect());
  for (std::thread& thread : threads) thread.join();
  take(collector.CollectLast());
  CHECK(is_kept);
  CHECK_EQ(events + collector.EventsDropped(), uint64_t{kThreads} * kEventsEach);
}

}  // namespace
}  // namespace joulespan::test
