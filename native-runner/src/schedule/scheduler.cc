#include "schedule/scheduler.h"

#include <algorithm>
#include <cassert>

#include "clock/monotonic_clock.h"

namespace joulespan {

Scheduler::Scheduler(const Plan& plan)
    : plan_(plan),
      queues_(plan),
      task_counts_(plan.tasks.size()),
      devices_(plan.devices.size()),
      warmups_admitted_(plan.tasks.size(), 0) {
  for (size_t t = 0; t < plan.tasks.size(); ++t) {
    const TaskPlan& task = plan.tasks[t];
    arrivals_.emplace_back(task, plan.seed, static_cast<uint16_t>(t));
    for (size_t s = 0; s < task.devices.size(); ++s) {
      const Residency needed{task.devices[s], task.model, static_cast<uint16_t>(s)};
      devices_[needed.device].is_used = true;
      const bool is_known = std::any_of(residencies_.begin(), residencies_.end(), [&](const Residency& known) {
        return known.device == needed.device && known.model == needed.model && known.segment == needed.segment;
      });
      if (!is_known) residencies_.push_back(needed);
    }
  }
  std::stable_sort(residencies_.begin(), residencies_.end(),
                   [](const Residency& a, const Residency& b) { return a.device < b.device; });
  for (const Residency& needed : residencies_) ++devices_[needed.device].loads_left;
}

void Scheduler::Start(int64_t now_ns) {
  for (DeviceState& device : devices_) {
    device.free_since_ns = now_ns;
    device.control = Order{OrderKind::kDeclareNeverUsed, {}, {}, 0, {}};
  }
  Enter(Step::kNeverUsed, now_ns, plan_.idle.never_used_ns);
}

void Scheduler::Advance(int64_t now_ns) {
  while (TryNextStep(now_ns)) {
  }
}

bool Scheduler::TryNextStep(int64_t now_ns) {
  if (is_stopping_ && step_ < Step::kDraining && step_ != Step::kBeforeStart) {
    for (DeviceState& device : devices_) device.control.reset();
    Enter(Step::kDraining, now_ns);
  }
  const bool is_past = now_ns >= deadline_ns_;
  switch (step_) {
    case Step::kBeforeStart:
    case Step::kDone:
      return false;
    case Step::kNeverUsed:
      if (!is_past || !AreDevicesIdle()) return false;
      for (DeviceState& device : devices_) {
        if (device.is_used) device.control = Order{OrderKind::kOpen, {}, {}, 0, {}};
      }
      Enter(Step::kOpening, now_ns);
      return true;
    case Step::kOpening:
      if (!AreDevicesIdle()) return false;
      Enter(Step::kContextOpen, now_ns, plan_.idle.context_open_ns);
      return true;
    case Step::kContextOpen:
      if (!is_past) return false;
      Enter(Step::kLoading, now_ns);
      return true;
    case Step::kLoading:
      if (!AreDevicesIdle()) return false;
      if (loads_ordered_ < residencies_.size()) {
        OrderNextLoad();
        return false;
      }
      Enter(Step::kWarmup, now_ns);
      return true;
    case Step::kWarmup:
      AdmitWarmups(now_ns);
      if (in_flight_ > 0) return false;
      Enter(Step::kResident, now_ns, plan_.idle.resident_ns);
      return true;
    case Step::kResident:
      if (!is_past) return false;
      run_end_ns_ = now_ns + plan_.duration_ns;
      run_clock_lag_ns_ = now_ns;
      held_since_ns_ = now_ns;
      Resume(now_ns);
      return true;
    case Step::kRunning:
      if (now_ns >= run_end_ns_ || AreTasksExhausted()) {
        Enter(Step::kDraining, now_ns);
      } else if (now_ns >= next_gap_ns_) {
        held_since_ns_ = now_ns;
        Enter(Step::kHolding, now_ns);
      } else {
        return false;
      }
      return true;
    case Step::kHolding:
      if (now_ns < run_end_ns_ && in_flight_ > 0) return false;
      if (now_ns >= run_end_ns_) {
        Enter(Step::kDraining, now_ns);
      } else {
        Enter(Step::kGap, now_ns, plan_.idle.gap_ns);
      }
      return true;
    case Step::kGap:
      if (!is_past) return false;
      Resume(now_ns);
      return true;
    case Step::kDraining:
      if (in_flight_ > 0 || !AreDevicesIdle()) return false;
      if (is_interrupted_) {
        Enter(Step::kDone, now_ns);
      } else {
        Enter(Step::kAfter, now_ns, plan_.idle.after_ns);
      }
      return true;
    case Step::kAfter:
      if (!is_past && !is_interrupted_) return false;
      Enter(Step::kUnloading, now_ns);
      return true;
    case Step::kUnloading:
      if (!AreDevicesIdle()) return false;
      if (unloads_ordered_ < loads_done_ && !is_interrupted_) {
        OrderNextUnload();
        return false;
      }
      Enter(Step::kDone, now_ns);
      return true;
  }
  return false;
}

int64_t Scheduler::NextDeadlineNs() const {
  switch (step_) {
    case Step::kNeverUsed:
      return AreDevicesIdle() ? deadline_ns_ : kNever;
    case Step::kContextOpen:
    case Step::kResident:
    case Step::kGap:
    case Step::kAfter:
      return deadline_ns_;
    case Step::kRunning:
      return std::min(run_end_ns_, next_gap_ns_);
    case Step::kHolding:
      return run_end_ns_;
    default:
      return kNever;
  }
}

bool Scheduler::HasOrder(uint16_t device) const {
  const DeviceState& state = devices_[device];
  return !state.current && (state.control || queues_.HasStartFor(device));
}

std::optional<Order> Scheduler::TakeOrder(uint16_t device, int64_t now_ns) {
  DeviceState& state = devices_[device];
  assert(!state.current);
  if (state.control) {
    state.current = state.control;
    state.control.reset();
  } else if (const std::optional<StageStart> stage = queues_.StartOn(device, now_ns)) {
    Order order;
    order.stage = *stage;
    order.work.kind = stage->inference.inference_id == kNone32 ? JS_KIND_WARMUP : JS_KIND_STAGE;
    order.work.model = plan_.tasks[stage->task].model;
    order.work.segment = stage->segment;
    order.work.task = stage->task;
    order.work.inference_id = stage->inference.inference_id;
    order.work.warmup_index = stage->inference.warmup_index;
    order.ready_ns = std::max(stage->ready_ns, state.free_since_ns);
    state.current = order;
  } else {
    return std::nullopt;
  }
  state.current->work.device = device;
  if (state.current->kind == OrderKind::kSpan) state.current->work.span_id = NextSpanId();
  Advance(now_ns);
  return state.current;
}

void Scheduler::CompleteOrder(uint16_t device, bool ok, int64_t now_ns) {
  DeviceState& state = devices_[device];
  assert(state.current);
  const Order order = *state.current;
  state.current.reset();
  state.free_since_ns = now_ns;
  if (order.kind == OrderKind::kSpan) {
    if (order.work.kind == JS_KIND_LOAD) {
      ++loads_done_;
      ++state.loaded;
    } else if (order.work.kind == JS_KIND_UNLOAD) {
      --state.loaded;
    } else {
      CompleteStage(order, ok, now_ns);
    }
  }
  Advance(now_ns);
}

int64_t Scheduler::NextArrivalNs(uint16_t task) const {
  if (step_ != Step::kRunning) return kNever;
  const int64_t due_ns = arrivals_[task].NextDueNs();
  if (due_ns == kNever || (arrivals_[task].WaitsForRoom() && !queues_.HasRoom(task))) return kNever;
  return due_ns + run_clock_lag_ns_;
}

std::optional<Admission> Scheduler::Arrive(uint16_t task, int64_t now_ns) {
  assert(NextArrivalNs(task) <= now_ns);
  const bool is_admitted = queues_.HasRoom(task);
  arrivals_[task].Take(is_admitted);
  std::optional<Admission> admission;
  if (is_admitted) {
    ++task_counts_[task].admitted;
    ++in_flight_;
    admission = Admission{NextInferenceId(), NextSpanId()};
    queues_.Admit(task, QueuedInference{admission->inference_id, admission->span_id, 0}, now_ns);
  } else {
    ++task_counts_[task].dropped;
  }
  Advance(now_ns);
  return admission;
}

void Scheduler::Stop(int64_t now_ns) {
  is_stopping_ = true;
  Advance(now_ns);
}

void Scheduler::Interrupt(int64_t now_ns) {
  is_interrupted_ = true;
  Stop(now_ns);
}

void Scheduler::Enter(Step step, int64_t now_ns, int64_t duration_ns) {
  step_ = step;
  deadline_ns_ = now_ns + duration_ns;
}

// Lets admission begin or go on: the time held is taken out of the run clock.
void Scheduler::Resume(int64_t now_ns) {
  run_clock_lag_ns_ += now_ns - held_since_ns_;
  next_gap_ns_ = plan_.idle.gap_every_ns == 0 ? kNever : now_ns + plan_.idle.gap_every_ns;
  Enter(Step::kRunning, now_ns);
}

void Scheduler::OrderNextLoad() {
  const Residency& needed = residencies_[loads_ordered_++];
  DeviceState& device = devices_[needed.device];
  Order order;
  order.work.kind = JS_KIND_LOAD;
  order.work.model = needed.model;
  order.work.segment = needed.segment;
  if (--device.loads_left == 0) order.state_after = JS_STATE_RESIDENT;
  device.control = order;
}

void Scheduler::OrderNextUnload() {
  const Residency& resident = residencies_[unloads_ordered_++];
  DeviceState& device = devices_[resident.device];
  Order order;
  order.work.kind = JS_KIND_UNLOAD;
  order.work.model = resident.model;
  order.work.segment = resident.segment;
  if (device.loaded == 1) order.state_after = JS_STATE_CONTEXT_OPEN;
  device.control = order;
}

void Scheduler::AdmitWarmups(int64_t now_ns) {
  for (uint16_t task = 0; task < plan_.tasks.size(); ++task) {
    while (warmups_admitted_[task] < plan_.warmup_inferences && queues_.HasRoom(task)) {
      queues_.Admit(task, QueuedInference{kNone32, 0, warmups_admitted_[task]++}, now_ns);
      ++in_flight_;
    }
  }
}

void Scheduler::CompleteStage(const Order& order, bool ok, int64_t now_ns) {
  queues_.Finish(order.stage, ok, now_ns);
  if (ok && !order.stage.is_last_segment) return;
  --in_flight_;
  if (order.work.kind != JS_KIND_STAGE) return;
  TaskCounts& counts = task_counts_[order.work.task];
  ++counts.completed;
  if (!ok) ++counts.failed;
  arrivals_[order.work.task].Completed(RunClockNs(now_ns));
}

bool Scheduler::AreDevicesIdle() const {
  return std::none_of(devices_.begin(), devices_.end(),
                      [](const DeviceState& device) { return device.control || device.current; });
}

bool Scheduler::AreTasksExhausted() const {
  return std::all_of(arrivals_.begin(), arrivals_.end(),
                     [](const ArrivalSource& arrival) { return arrival.IsExhausted(); });
}

int64_t Scheduler::RunClockNs(int64_t now_ns) const {
  return (step_ == Step::kRunning ? now_ns : held_since_ns_) - run_clock_lag_ns_;
}

// Numbers wrap after 2^32 spans (two days at 25,000 a second): never to the numbers that mean none.
uint32_t Scheduler::NextSpanId() {
  if (++last_span_id_ == 0) ++last_span_id_;
  return last_span_id_;
}

uint32_t Scheduler::NextInferenceId() {
  if (next_inference_id_ == kNone32) next_inference_id_ = 0;
  return next_inference_id_++;
}

}  // namespace joulespan
