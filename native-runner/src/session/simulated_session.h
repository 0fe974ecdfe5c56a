// A run in simulated time: the same scheduler and the same draws as a live run, in one thread, from event to event. The
// clock starts where the caller says; nothing sleeps and nothing is random, so the same plan gives the same bytes.
#ifndef JOULESPAN_SESSION_SIMULATED_SESSION_H_
#define JOULESPAN_SESSION_SIMULATED_SESSION_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "backend/span_draw.h"
#include "marker/toggle_source.h"
#include "plan/plan.h"
#include "schedule/scheduler.h"
#include "session/session_report.h"
#include "stream/event_stream.h"
#include "stream/power_stream.h"

namespace joulespan {

class SimulatedSession {
 public:
  // `powers` may be null.
  SimulatedSession(const Plan& plan, int64_t start_ns, EventStream* events, PowerStream* powers);

  // Until the plan is through, or drained after `is_interrupted` was seen true.
  SessionReport Run(const std::atomic<bool>& is_interrupted);

 private:
  struct SpanEnd {
    int64_t end_ns = 0;
    uint16_t device = 0;
    bool operator>(const SpanEnd& other) const {
      return end_ns != other.end_ns ? end_ns > other.end_ns : device > other.device;
    }
  };

  void DoWhatIsDue();
  bool AdmitArrivals();
  bool StartOrders();
  void Begin(const Order& order);
  void EndSpansDue();
  void ToggleIfDue();
  void EmitState(uint16_t device, uint16_t state);
  void Emit(Event event);
  int64_t NextInstantNs() const;
  void PublishUntil(int64_t instant_ns);
  void Publish(int64_t at_ns);

  const Plan& plan_;
  const int64_t start_ns_;
  EventStream* events_;
  PowerStream* powers_;
  Scheduler scheduler_;
  int64_t now_ns_;
  std::vector<Order> running_;  // [device]
  std::priority_queue<SpanEnd, std::vector<SpanEnd>, std::greater<SpanEnd>> ends_;
  SpanDraw draw_;
  ToggleSource toggles_;
  std::vector<Event> pending_events_;
  std::vector<PowerRecord> pending_powers_;
};

}  // namespace joulespan

#endif  // JOULESPAN_SESSION_SIMULATED_SESSION_H_
