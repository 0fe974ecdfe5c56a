#include "session/simulated_session.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "session/run_events.h"

namespace joulespan {
namespace {

// A simulated publisher ticks like the live one, so that both write messages of the same kind.
constexpr int64_t kTickNs = kNsPerMs;

}  // namespace

SimulatedSession::SimulatedSession(const Plan& plan, int64_t start_ns, EventStream* events, PowerStream* powers)
    : plan_(plan),
      start_ns_(start_ns),
      events_(events),
      powers_(powers),
      scheduler_(plan),
      now_ns_(start_ns),
      running_(plan.devices.size()),
      toggles_(plan) {}

SessionReport SimulatedSession::Run(const std::atomic<bool>& is_interrupted) {
  events_->SendDictionary(now_ns_);
  scheduler_.Start(now_ns_);
  toggles_.Start(now_ns_);
  for (;;) {
    if (is_interrupted.load(std::memory_order_relaxed)) scheduler_.Interrupt(now_ns_);
    DoWhatIsDue();
    if (scheduler_.IsDone()) break;
    const int64_t next_ns = NextInstantNs();
    if (next_ns == kNever) throw std::logic_error("the simulation is stuck: nothing is due and the plan is not done");
    PublishUntil(next_ns);
    now_ns_ = next_ns;
  }
  Publish(now_ns_ + 1);
  events_->End(now_ns_ + 1);
  if (powers_ != nullptr) powers_->End(now_ns_ + 1);
  SessionReport report;
  report.tasks = scheduler_.task_counts();
  return report;
}

void SimulatedSession::DoWhatIsDue() {
  ToggleIfDue();
  EndSpansDue();
  scheduler_.Advance(now_ns_);
  bool has_changed = true;
  while (has_changed) {
    has_changed = AdmitArrivals();
    has_changed = StartOrders() || has_changed;
  }
}

bool SimulatedSession::AdmitArrivals() {
  bool has_arrived = false;
  for (uint16_t task = 0; task < plan_.tasks.size(); ++task) {
    while (scheduler_.NextArrivalNs(task) <= now_ns_) {
      has_arrived = true;
      if (const std::optional<Admission> admission = scheduler_.Arrive(task, now_ns_)) {
        Emit(InferenceEvent(task, plan_.tasks[task].model, *admission, JS_EDGE_START));
      }
    }
  }
  return has_arrived;
}

bool SimulatedSession::StartOrders() {
  bool has_started = false;
  for (uint16_t device = 0; device < plan_.devices.size(); ++device) {
    while (scheduler_.HasOrder(device)) {
      has_started = true;
      Begin(*scheduler_.TakeOrder(device, now_ns_));
    }
  }
  return has_started;
}

void SimulatedSession::Begin(const Order& order) {
  const uint16_t device = order.work.device;
  if (order.kind != OrderKind::kSpan) {
    EmitState(device, order.kind == OrderKind::kOpen ? JS_STATE_CONTEXT_OPEN : JS_STATE_NEVER_USED);
    scheduler_.CompleteOrder(device, true, now_ns_);
    return;
  }
  DrawSpan(plan_, order.work, &draw_);
  Emit(SpanEvent(order.work, JS_EDGE_START));
  if (powers_ != nullptr) AppendPhaseRecords(draw_, order.work, now_ns_, &pending_powers_);
  running_[device] = order;
  ends_.push(SpanEnd{now_ns_ + draw_.duration_ns + DrawWakeUpDelayNs(plan_, order.work), device});
}

void SimulatedSession::EndSpansDue() {
  while (!ends_.empty() && ends_.top().end_ns == now_ns_) {
    const Order order = running_[ends_.top().device];
    ends_.pop();
    Emit(SpanEvent(order.work, JS_EDGE_END));
    if (order.EndsInference(true)) Emit(InferenceEndEvent(order, true));
    if (order.state_after) EmitState(order.work.device, *order.state_after);
    scheduler_.CompleteOrder(order.work.device, true, now_ns_);
  }
}

// The write takes its time beside everything else, as on a thread of its own.
void SimulatedSession::ToggleIfDue() {
  if (toggles_.next_ns() > now_ns_) return;
  const bool level = toggles_.Take(now_ns_);
  Event event = MarkerEvent(level);
  const int64_t bracket_ns = toggles_.DrawBracketNs();
  event.bracket_ns = static_cast<uint32_t>(bracket_ns);
  Emit(event);
  if (powers_ == nullptr || plan_.marker.wire != MarkerWire::kVirtual) return;
  const double share = toggles_.DrawEdgeShare();
  pending_powers_.push_back(MarkerRecord(level, now_ns_ + std::llround(share * static_cast<double>(bracket_ns))));
}

void SimulatedSession::EmitState(uint16_t device, uint16_t state) {
  Emit(StateEvent(device, state));
  if (powers_ != nullptr) {
    pending_powers_.push_back(IdleLevelRecord(device, plan_.devices[device].idle_w[state], now_ns_));
  }
}

void SimulatedSession::Emit(Event event) {
  event.t_ns = now_ns_;
  pending_events_.push_back(event);
}

int64_t SimulatedSession::NextInstantNs() const {
  int64_t next_ns = scheduler_.NextDeadlineNs();
  if (!ends_.empty()) next_ns = std::min(next_ns, ends_.top().end_ns);
  for (uint16_t task = 0; task < plan_.tasks.size(); ++task) {
    next_ns = std::min(next_ns, scheduler_.NextArrivalNs(task));
  }
  return std::min(next_ns, toggles_.next_ns());
}

// What a publisher would have sent before `instant_ns`: a batch at every tick that has something, else heartbeats and
// dictionaries as they fall due.
void SimulatedSession::PublishUntil(int64_t instant_ns) {
  for (;;) {
    int64_t at_ns = events_->NextDueNs();
    if (!pending_events_.empty()) {
      const int64_t ticks = (pending_events_.front().t_ns - start_ns_) / kTickNs + 1;
      at_ns = std::min(at_ns, start_ns_ + ticks * kTickNs);
    }
    if (at_ns > instant_ns) return;
    Publish(at_ns);
  }
}

void SimulatedSession::Publish(int64_t at_ns) {
  events_->Publish(at_ns, pending_events_, at_ns);
  if (powers_ != nullptr) powers_->Publish(pending_powers_, at_ns);
  pending_events_.clear();
  pending_powers_.clear();
}

}  // namespace joulespan
