// When the inferences of one task arrive, on the run clock: nanoseconds of admission since the run began, which stands
// still while admission is held for an idle gap. So a gap neither drops arrivals nor piles them up behind it.
#ifndef JOULESPAN_SCHEDULE_ARRIVAL_SOURCE_H_
#define JOULESPAN_SCHEDULE_ARRIVAL_SOURCE_H_

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "plan/plan.h"

namespace joulespan {

class ArrivalSource {
 public:
  ArrivalSource(const TaskPlan& task, uint64_t seed, uint16_t task_number);

  // When the next arrival is due; kNever when none is until a completion, or at all.
  int64_t NextDueNs() const;

  // Consumes the arrival that is due.
  void Take(bool admitted);

  // An inference of this task is through: closed laws send the next after the think time.
  void Completed(int64_t run_clock_ns);

  // Saturated and closed arrivals wait for room in the first queue, the others are dropped when it is full.
  bool WaitsForRoom() const;

  // No arrival will ever be due again, whatever completes.
  bool IsExhausted() const;

 private:
  int64_t DrawNextNs();

  const ArrivalPlan& law_;
  const uint64_t max_inferences_;
  const uint64_t seed_;
  const uint16_t task_number_;
  uint64_t taken_ = 0;
  uint64_t admitted_ = 0;
  int64_t next_ns_ = 0;                                                                // open laws
  std::priority_queue<int64_t, std::vector<int64_t>, std::greater<int64_t>> clients_;  // closed: who is ready when
  uint64_t thinks_ = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_SCHEDULE_ARRIVAL_SOURCE_H_
