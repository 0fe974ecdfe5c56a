// How long one span of the virtual card lasts and what it draws: a parametric model, unvalidated, around the plan's
// phases. The same plan, seed and span give the same draw, whenever and in whatever order it is asked for.
#ifndef JOULESPAN_BACKEND_SPAN_DRAW_H_
#define JOULESPAN_BACKEND_SPAN_DRAW_H_

#include <cstdint>
#include <vector>

#include "plan/plan.h"
#include "schedule/span_work.h"
#include "wire/power_record.h"

namespace joulespan {

struct DrawnPhase {
  int64_t duration_ns = 0;
  double start_w = 0;
  double end_w = 0;
};

struct SpanDraw {
  std::vector<DrawnPhase> phases;
  int64_t duration_ns = 0;  // from the start of the span to the end of its last phase
};

// Driver and bus take a moment between the call and the first transfer.
constexpr int64_t kFirstPhaseDelayNs = 5'000;

// Stages and warm-ups: the segment's phases, each with a duration of its own around the plan's, all with one power
// factor. Loads: load_ms at load_w, drawn alike. Unloads: a quarter of the load's time at a quarter of its power.
void DrawSpan(const Plan& plan, const SpanWork& work, SpanDraw* draw);

// One record per phase that takes time.
void AppendPhaseRecords(const SpanDraw& draw, const SpanWork& work, int64_t start_ns,
                        std::vector<PowerRecord>* records);

// Simulated runs: how much after its planned end a span is seen to end, as a thread that wakes up would.
int64_t DrawWakeUpDelayNs(const Plan& plan, const SpanWork& work);

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_SPAN_DRAW_H_
