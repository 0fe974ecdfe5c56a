#include "schedule/arrival_source.h"

#include <cmath>

#include "clock/monotonic_clock.h"
#include "random/keyed_random.h"

namespace joulespan {

ArrivalSource::ArrivalSource(const TaskPlan& task, uint64_t seed, uint16_t task_number)
    : law_(task.arrival), max_inferences_(task.max_inferences), seed_(seed), task_number_(task_number) {
  for (uint32_t i = 0; i < law_.concurrency; ++i) clients_.push(0);
  next_ns_ = DrawNextNs();
}

int64_t ArrivalSource::NextDueNs() const {
  if (IsExhausted()) return kNever;
  if (law_.law == ArrivalLaw::kClosed) return clients_.empty() ? kNever : clients_.top();
  return next_ns_;
}

void ArrivalSource::Take(bool admitted) {
  ++taken_;
  if (admitted) ++admitted_;
  if (law_.law == ArrivalLaw::kClosed) clients_.pop();
  next_ns_ = DrawNextNs();
}

void ArrivalSource::Completed(int64_t run_clock_ns) {
  if (law_.law != ArrivalLaw::kClosed) return;
  KeyedRandom random(seed_, RandomUse::kArrival, {task_number_, thinks_++});
  clients_.push(run_clock_ns + law_.think_ns + std::llround(random.Uniform() * law_.think_jitter_ns));
}

bool ArrivalSource::WaitsForRoom() const {
  return law_.law == ArrivalLaw::kSaturated || law_.law == ArrivalLaw::kClosed;
}

bool ArrivalSource::IsExhausted() const {
  return (max_inferences_ != 0 && admitted_ == max_inferences_) || next_ns_ == kNever;
}

// Open laws draw from the arrival before, never from now: a late thread catches up.
int64_t ArrivalSource::DrawNextNs() {
  switch (law_.law) {
    case ArrivalLaw::kPoisson: {
      KeyedRandom random(seed_, RandomUse::kArrival, {task_number_, taken_});
      return next_ns_ + std::llround(random.Exponential() / law_.rate_hz * kNsPerS);
    }
    case ArrivalLaw::kPeriodic: {
      KeyedRandom random(seed_, RandomUse::kArrival, {task_number_, taken_});
      return static_cast<int64_t>(taken_) * law_.period_ns + std::llround(random.Uniform() * law_.jitter_ns);
    }
    case ArrivalLaw::kTrace:
      return taken_ < law_.at_ns.size() ? law_.at_ns[taken_] : kNever;
    case ArrivalLaw::kSaturated:
    case ArrivalLaw::kClosed:
      break;
  }
  return 0;
}

}  // namespace joulespan
