#include "session/power_feed.h"

#include <algorithm>

#include "clock/monotonic_clock.h"

namespace joulespan {
namespace {

constexpr int64_t kTickNs = kNsPerMs;

}  // namespace

PowerFeed::PowerFeed(int64_t born_ns, size_t devices) : lane_(born_ns, true, 1), running_(devices) {
  thread_ = std::thread([this] { Run(); });
}

PowerFeed::~PowerFeed() {
  is_ending_.store(true);
  thread_.join();
}

void PowerFeed::Begin(const SpanWork& work, double watts, int64_t start_ns) {
  const std::lock_guard<std::mutex> lock(mutex_);
  running_[work.device] = Running{work, watts, start_ns};
  HoldAtOldest();
}

void PowerFeed::TellRest(Running* running, int64_t end_ns) {
  if (running->told_until_ns == kNever) return;
  Tell(running, end_ns);
  running->told_until_ns = kNever;
  HoldAtOldest();
}

void PowerFeed::Run() {
  UseFinestTimerSlack();
  while (!is_ending_.load()) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const int64_t now_ns = NowNs();
      for (Running& running : running_) {
        if (running.told_until_ns != kNever) Tell(&running, now_ns);
      }
      HoldAtOldest();
    }
    SleepUntilNs(NowNs() + kTickNs);
  }
}

void PowerFeed::Tell(Running* running, int64_t until_ns) {
  const SpanWork& work = running->work;
  PowerRecord record;
  record.t_ns = running->told_until_ns;
  record.duration_ns = static_cast<uint32_t>(until_ns - running->told_until_ns);
  record.watts_start = static_cast<float>(running->watts);
  record.watts_end = record.watts_start;
  record.span_id = work.span_id;
  record.inference_id = work.inference_id;
  record.device = work.device;
  record.model = work.model;
  record.segment = work.segment;
  record.type = JS_POWER_PHASE;
  record.kind = work.kind;
  if (record.duration_ns > 0) lane_.PushPower(record);
  running->told_until_ns = until_ns;
}

// After what was told is in the ring: the collector looks at the hold first.
void PowerFeed::HoldAtOldest() {
  int64_t oldest_ns = kNever;
  for (const Running& running : running_) oldest_ns = std::min(oldest_ns, running.told_until_ns);
  lane_.HoldAt(oldest_ns);
}

}  // namespace joulespan
