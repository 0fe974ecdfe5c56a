#include "session/live_session.h"

#include <chrono>
#include <thread>

#include "marker/gpio_line.h"
#include "marker/toggle_source.h"
#include "marker/virtual_line.h"
#include "session/run_events.h"

namespace joulespan {

LiveSession::LiveSession(const Plan& plan, std::vector<std::unique_ptr<Device>> devices, bool wants_powers)
    : plan_(plan), scheduler_(plan) {
  const int64_t born_ns = NowNs();
  for (std::unique_ptr<Device>& device : devices) {
    devices_.push_back(std::make_unique<DeviceThread>());
    devices_.back()->device = std::move(device);
    devices_.back()->lane = std::make_unique<EmissionLane>(born_ns, wants_powers);
  }
  for (size_t i = 0; i < plan.tasks.size(); ++i) {
    tasks_.push_back(std::make_unique<TaskThread>());
    tasks_.back()->lane = std::make_unique<EmissionLane>(born_ns, false);
  }
  // The virtual card forecasts its powers: it shall not be kept waiting by a feed that has nothing to tell.
  if (wants_powers && plan.backend != "virtual")
    power_feed_ = std::make_unique<PowerFeed>(born_ns, plan.devices.size());
  if (plan.marker.wire == MarkerWire::kNone) return;
  marker_ = std::make_unique<MarkerThread>();
  marker_->lane = std::make_unique<EmissionLane>(born_ns, wants_powers && plan.marker.wire == MarkerWire::kVirtual);
  if (plan.marker.wire == MarkerWire::kGpio) {
    marker_->line = std::make_unique<GpioLine>(plan.marker.chip, plan.marker.line);
  } else {
    marker_->line = std::make_unique<VirtualLine>(marker_->lane.get());
  }
}

std::vector<EmissionLane*> LiveSession::lanes() {
  std::vector<EmissionLane*> lanes;
  for (const auto& device : devices_) lanes.push_back(device->lane.get());
  for (const auto& task : tasks_) lanes.push_back(task->lane.get());
  if (power_feed_) lanes.push_back(power_feed_->lane());
  if (marker_) lanes.push_back(marker_->lane.get());
  return lanes;
}

void LiveSession::Run() {
  std::vector<std::thread> threads;
  for (uint16_t i = 0; i < devices_.size(); ++i) threads.emplace_back([this, i] { RunDevice(i); });
  for (uint16_t i = 0; i < tasks_.size(); ++i) threads.emplace_back([this, i] { RunTask(i); });
  if (marker_) threads.emplace_back([this] { RunMarker(); });
  RunTimeline();
  for (std::thread& thread : threads) thread.join();
}

void LiveSession::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  scheduler_.Stop(NowNs());
  Wake(TakeDueSleepers());
}

void LiveSession::Interrupt() {
  const std::lock_guard<std::mutex> lock(mutex_);
  scheduler_.Interrupt(NowNs());
  Wake(TakeDueSleepers());
}

SessionReport LiveSession::Report() const {
  SessionReport report;
  report.tasks = scheduler_.task_counts();
  report.failure = failure_;
  report.fault = fault_;
  for (const auto& device : devices_) {
    report.emission.Merge(device->lane->emission());
    report.start_lateness.Merge(device->start_lateness);
  }
  for (const auto& task : tasks_) report.emission.Merge(task->lane->emission());
  return report;
}

void LiveSession::RunTimeline() {
  UseFinestTimerSlack();
  std::unique_lock<std::mutex> lock(mutex_);
  scheduler_.Start(NowNs());
  for (;;) {
    scheduler_.Advance(NowNs());
    Wake(TakeDueSleepers());
    if (scheduler_.IsDone()) return;
    Sleep(&lock, &timeline_, scheduler_.NextDeadlineNs());
  }
}

void LiveSession::RunDevice(uint16_t number) {
  UseFinestTimerSlack();
  DeviceThread& thread = *devices_[number];
  std::unique_lock<std::mutex> lock(mutex_);
  int64_t now_ns = NowNs();
  while (!scheduler_.IsDone()) {
    const std::optional<Order> order = scheduler_.TakeOrder(number, now_ns);
    const std::vector<Sleeper*> due = TakeDueSleepers();
    if (!order) {
      Wake(due);
      Sleep(&lock, &thread.sleeper, kNever);
      now_ns = NowNs();
      continue;
    }
    lock.unlock();
    Wake(due);
    const Outcome outcome = Execute(number, *order);
    lock.lock();
    now_ns = outcome.end_ns;
    scheduler_.CompleteOrder(number, outcome.ok, now_ns);
  }
  Wake(TakeDueSleepers());
  lock.unlock();
  if (thread.is_open) thread.device->Close();
}

void LiveSession::RunTask(uint16_t number) {
  UseFinestTimerSlack();
  TaskThread& thread = *tasks_[number];
  const uint16_t model = plan_.tasks[number].model;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!scheduler_.IsDone()) {
    const int64_t due_ns = scheduler_.NextArrivalNs(number);
    const int64_t now_ns = NowNs();
    if (due_ns > now_ns) {
      Sleep(&lock, &thread.sleeper, due_ns);
      continue;
    }
    // Stamped before a device can see it: the lock is still held.
    if (const std::optional<Admission> admission = scheduler_.Arrive(number, now_ns)) {
      thread.lane->Emit(InferenceEvent(number, model, *admission, JS_EDGE_START));
    }
    const std::vector<Sleeper*> due = TakeDueSleepers();
    lock.unlock();
    Wake(due);
    lock.lock();
  }
}

void LiveSession::RunMarker() {
  UseFinestTimerSlack();
  ToggleSource toggles(plan_);
  toggles.Start(NowNs());
  std::unique_lock<std::mutex> lock(mutex_);
  while (!scheduler_.IsDone()) {
    const int64_t now_ns = NowNs();
    if (toggles.next_ns() > now_ns) {
      Sleep(&lock, &marker_->sleeper, toggles.next_ns());
      continue;
    }
    lock.unlock();
    Toggle(toggles.Take(now_ns));
    lock.lock();
  }
}

// A line that fails ends the run like a device that does: a marker that was asked for and stops is no measurement.
void LiveSession::Toggle(bool level) {
  marker_->lane->EmitAround(MarkerEvent(level), [this, level] {
    try {
      marker_->line->Set(level);
    } catch (const std::exception& error) {
      Fail("marker", error);
    }
  });
}

LiveSession::Outcome LiveSession::Execute(uint16_t number, const Order& order) {
  DeviceThread& thread = *devices_[number];
  switch (order.kind) {
    case OrderKind::kDeclareNeverUsed:
      return {true, EmitState(&thread, number, JS_STATE_NEVER_USED)};
    case OrderKind::kOpen:
      try {
        thread.device->Open();
        thread.is_open = true;
      } catch (const std::exception& error) {
        Fail(plan_.devices[number].name, error);
        return {false, NowNs()};
      }
      return {true, EmitState(&thread, number, JS_STATE_CONTEXT_OPEN)};
    case OrderKind::kSpan:
      break;
  }
  return ExecuteSpan(&thread, order);
}

LiveSession::Outcome LiveSession::ExecuteSpan(DeviceThread* thread, const Order& order) {
  EmissionLane* lane = thread->lane.get();
  thread->device->Prepare(order.work);
  const int64_t start_ns = lane->EmitAndHold(SpanEvent(order.work, JS_EDGE_START));
  if (lane->carries_powers()) {
    thread->forecast.clear();
    thread->device->ForecastPower(start_ns, &thread->forecast);
    for (const PowerRecord& record : thread->forecast) lane->PushPower(record);
    const std::optional<double> watts = thread->device->SpanPowerW();
    if (power_feed_ && watts) power_feed_->Begin(order.work, *watts, start_ns);
  }
  lane->Release();
  bool ok = InvokeOrMove(thread->device.get(), order.work, start_ns);
  const auto stamp_end = [&] { return lane->Emit(SpanEvent(order.work, JS_EDGE_END, ok)); };
  int64_t end_ns = power_feed_ ? power_feed_->End(order.work.device, stamp_end) : stamp_end();
  if (order.EndsInference(ok)) end_ns = lane->Emit(InferenceEndEvent(order, ok));
  if (ok && order.state_after) end_ns = EmitState(thread, order.work.device, *order.state_after);
  if (order.work.kind == JS_KIND_STAGE) thread->start_lateness.Add(start_ns - order.ready_ns);
  if (IsOfTask(order.work)) ok = Finish(thread->device.get(), order.work, ok);
  return {ok, end_ns};
}

bool LiveSession::InvokeOrMove(Device* device, const SpanWork& work, int64_t start_ns) {
  try {
    switch (work.kind) {
      case JS_KIND_LOAD:
        device->Load(start_ns);
        return true;
      case JS_KIND_UNLOAD:
        device->Unload(start_ns);
        return true;
      default:
        return device->Invoke(start_ns);
    }
  } catch (const std::exception& error) {
    Fail(plan_.devices[work.device].name, error);
    return false;
  }
}

bool LiveSession::Finish(Device* device, const SpanWork& work, bool ok) {
  try {
    device->Finish(ok);
    return ok;
  } catch (const std::exception& error) {
    Fail(plan_.devices[work.device].name, error);
    return false;
  }
}

int64_t LiveSession::EmitState(DeviceThread* thread, uint16_t number, uint16_t state) {
  EmissionLane* lane = thread->lane.get();
  const int64_t since_ns = lane->EmitAndHold(StateEvent(number, state));
  const std::optional<double> idle_w = thread->device->IdlePowerW(state);
  if (lane->carries_powers() && idle_w) lane->PushPower(IdleLevelRecord(number, *idle_w, since_ns));
  lane->Release();
  return since_ns;
}

// The first failure is the cause; the others follow from it.
void LiveSession::Fail(const std::string& who, const std::exception& error) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (failure_.empty()) {
    failure_ = who + ": " + error.what();
    if (const auto* of_backend = dynamic_cast<const BackendError*>(&error)) fault_ = of_backend->fault();
  }
  scheduler_.Interrupt(NowNs());
  Wake(TakeDueSleepers());
}

void LiveSession::Sleep(std::unique_lock<std::mutex>* lock, Sleeper* sleeper, int64_t until_ns) {
  sleeper->is_asleep = true;
  sleeper->until_ns = until_ns;
  if (until_ns == kNever) {
    sleeper->wake.wait(*lock);
  } else {
    // libstdc++'s steady_clock is CLOCK_MONOTONIC in nanoseconds.
    using Clock = std::chrono::steady_clock;
    sleeper->wake.wait_until(*lock, Clock::time_point(std::chrono::nanoseconds(until_ns)));
  }
  sleeper->is_asleep = false;
}

// Who sleeps longer than the scheduler has nothing for him. They are taken under the lock and woken after it, so that
// they do not wake up to wait for it.
std::vector<LiveSession::Sleeper*> LiveSession::TakeDueSleepers() {
  std::vector<Sleeper*> due;
  const bool is_done = scheduler_.IsDone();
  const auto take_if = [&due](Sleeper* sleeper, bool is_due) {
    if (!sleeper->is_asleep || !is_due) return;
    sleeper->is_asleep = false;
    due.push_back(sleeper);
  };
  for (uint16_t i = 0; i < devices_.size(); ++i) {
    take_if(&devices_[i]->sleeper, is_done || scheduler_.HasOrder(i));
  }
  for (uint16_t i = 0; i < tasks_.size(); ++i) {
    Sleeper* sleeper = &tasks_[i]->sleeper;
    take_if(sleeper, is_done || scheduler_.NextArrivalNs(i) < sleeper->until_ns);
  }
  if (marker_) take_if(&marker_->sleeper, is_done);
  take_if(&timeline_, is_done || scheduler_.NextDeadlineNs() < timeline_.until_ns);
  return due;
}

void LiveSession::Wake(const std::vector<Sleeper*>& sleepers) {
  for (Sleeper* sleeper : sleepers) sleeper->wake.notify_one();
}

}  // namespace joulespan
