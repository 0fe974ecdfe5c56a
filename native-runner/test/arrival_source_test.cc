#include "schedule/arrival_source.h"

#include <cmath>

#include "clock/monotonic_clock.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

TaskPlan TaskWith(const ArrivalPlan& arrival, uint64_t max_inferences = 0) {
  TaskPlan task;
  task.arrival = arrival;
  task.max_inferences = max_inferences;
  return task;
}

TEST(PoissonArrivalsHaveTheirRateAndSpread) {
  ArrivalPlan law;
  law.law = ArrivalLaw::kPoisson;
  law.rate_hz = 200;
  const TaskPlan task = TaskWith(law);
  ArrivalSource source(task, 3, 0);
  constexpr int kArrivals = 20'000;
  double sum_s = 0, squares = 0;
  int64_t last_ns = 0;
  for (int i = 0; i < kArrivals; ++i) {
    const double interval_s = static_cast<double>(source.NextDueNs() - last_ns) / kNsPerS;
    CHECK(interval_s >= 0);
    last_ns = source.NextDueNs();
    sum_s += interval_s;
    squares += interval_s * interval_s;
    source.Take(true);
  }
  const double mean_s = sum_s / kArrivals;
  CHECK(std::abs(mean_s * 200 - 1) < 5 / std::sqrt(kArrivals));
  CHECK(std::abs(std::sqrt(squares / kArrivals - mean_s * mean_s) / mean_s - 1) < 0.05);  // exponential: sd = mean
}

TEST(PeriodicArrivalsKeepTheirGridHoweverTheyJitter) {
  ArrivalPlan law;
  law.law = ArrivalLaw::kPeriodic;
  law.period_ns = 25 * kNsPerMs;
  law.jitter_ns = kNsPerMs;
  const TaskPlan task = TaskWith(law);
  ArrivalSource source(task, 3, 0);
  bool has_jittered = false;
  for (int64_t i = 0; i < 1000; ++i) {
    const int64_t late_ns = source.NextDueNs() - i * law.period_ns;
    CHECK(late_ns >= 0 && late_ns <= law.jitter_ns);
    has_jittered = has_jittered || late_ns > 0;
    source.Take(i % 2 == 0);
  }
  CHECK(has_jittered);
}

TEST(ClosedArrivalsThinkAfterACompletion) {
  ArrivalPlan law;
  law.law = ArrivalLaw::kClosed;
  law.concurrency = 2;
  law.think_ns = 5 * kNsPerMs;
  law.think_jitter_ns = 2 * kNsPerMs;
  const TaskPlan task = TaskWith(law);
  ArrivalSource source(task, 3, 0);
  for (int i = 0; i < 2; ++i) {
    CHECK_EQ(source.NextDueNs(), 0);
    source.Take(true);
  }
  CHECK_EQ(source.NextDueNs(), kNever);
  CHECK(!source.IsExhausted());
  source.Completed(100 * kNsPerMs);
  CHECK(source.NextDueNs() >= 105 * kNsPerMs && source.NextDueNs() <= 107 * kNsPerMs);
}

TEST(ATraceEnds) {
  ArrivalPlan law;
  law.law = ArrivalLaw::kTrace;
  law.at_ns = {0, 4, 4};
  const TaskPlan task = TaskWith(law);
  ArrivalSource source(task, 3, 0);
  for (const int64_t at_ns : law.at_ns) {
    CHECK_EQ(source.NextDueNs(), at_ns);
    source.Take(true);
  }
  CHECK(source.IsExhausted());
  CHECK_EQ(source.NextDueNs(), kNever);
}

TEST(OnlyAdmittedArrivalsCountTowardsTheMaximum) {
  const TaskPlan task = TaskWith(ArrivalPlan{}, 2);
  ArrivalSource source(task, 3, 0);
  source.Take(true);
  source.Take(false);
  CHECK(!source.IsExhausted());
  source.Take(true);
  CHECK(source.IsExhausted());
}

}  // namespace
}  // namespace joulespan::test
