// The scheduler alone, driven through random durations: what it must keep whatever the devices do.
#include "schedule/scheduler.h"

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "clock/monotonic_clock.h"
#include "plan/parse_plan.h"
#include "session/run_events.h"
#include "support/plan_text.h"
#include "support/stream_check.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

// Steps from instant to instant; a span lasts what `duration_of` says.
class Driver {
 public:
  Driver(const Plan& plan, std::function<int64_t(const Order&)> duration_of)
      : plan_(plan), duration_of_(std::move(duration_of)), scheduler_(plan), running_(plan.devices.size()) {
    scheduler_.Start(now_ns_);
  }

  // Until the plan is done; `between` is called before every step.
  void Run(const std::function<void(Driver*)>& between = [](Driver*) {}) {
    for (int64_t steps = 0; !scheduler_.IsDone(); ++steps) {
      if (steps > 10'000'000) FailAt(__FILE__, __LINE__, "the scheduler never ends");
      between(this);
      Step();
    }
  }

  Scheduler* scheduler() { return &scheduler_; }
  int64_t now_ns() const { return now_ns_; }
  const std::vector<Event>& events() const { return events_; }
  std::vector<uint32_t> started_inferences;  // by every stage, in order

 private:
  struct Running {
    Order order;
    int64_t end_ns = 0;
  };

  void Step() {
    for (uint16_t i = 0; i < running_.size(); ++i) {
      if (running_[i] && running_[i]->end_ns <= now_ns_) Complete(i);
    }
    scheduler_.Advance(now_ns_);
    for (uint16_t task = 0; task < plan_.tasks.size(); ++task) {
      while (scheduler_.NextArrivalNs(task) <= now_ns_) {
        if (const auto admission = scheduler_.Arrive(task, now_ns_)) {
          Add(InferenceEvent(task, plan_.tasks[task].model, *admission, JS_EDGE_START));
        }
        CheckQueues();
      }
    }
    for (uint16_t i = 0; i < running_.size(); ++i) {
      if (!running_[i] && scheduler_.HasOrder(i)) Begin(i);
    }
    CheckQueues();
    if (scheduler_.IsDone()) return;
    int64_t next_ns = scheduler_.NextDeadlineNs();
    for (const auto& running : running_) {
      if (running) next_ns = std::min(next_ns, running->end_ns);
    }
    for (uint16_t task = 0; task < plan_.tasks.size(); ++task) {
      next_ns = std::min(next_ns, scheduler_.NextArrivalNs(task));
    }
    if (next_ns == kNever) FailAt(__FILE__, __LINE__, "deadlock: nothing is due and the plan is not done");
    now_ns_ = std::max(now_ns_, next_ns);
  }

  void Begin(uint16_t device) {
    const Order order = *scheduler_.TakeOrder(device, now_ns_);
    if (order.kind == OrderKind::kSpan) {
      Add(SpanEvent(order.work, JS_EDGE_START));
      if (order.work.kind == JS_KIND_STAGE) {
        started_inferences.push_back(order.work.inference_id);
        if (order.ready_ns > now_ns_) FailAt(__FILE__, __LINE__, "a stage starts before it is ready");
      }
    }
    running_[device] = Running{order, now_ns_ + duration_of_(order)};
  }

  void Complete(uint16_t device) {
    const Order order = running_[device]->order;
    running_[device].reset();
    if (order.kind == OrderKind::kSpan) {
      Add(SpanEvent(order.work, JS_EDGE_END));
      if (order.EndsInference(true)) Add(InferenceEndEvent(order, true));
    }
    scheduler_.CompleteOrder(device, true, now_ns_);
  }

  void CheckQueues() {
    for (uint16_t task = 0; task < plan_.tasks.size(); ++task) {
      for (uint16_t segment = 0; segment < plan_.tasks[task].devices.size(); ++segment) {
        if (scheduler_.queues().QueuedOrReserved(task, segment) > plan_.tasks[task].queue) {
          FailAt(__FILE__, __LINE__, "a queue holds more than its bound");
        }
      }
    }
  }

  void Add(Event event) {
    event.t_ns = now_ns_;
    events_.push_back(event);
  }

  const Plan& plan_;
  const std::function<int64_t(const Order&)> duration_of_;
  Scheduler scheduler_;
  int64_t now_ns_ = 1'000;
  std::vector<std::optional<Running>> running_;
  std::vector<Event> events_;
};

std::function<int64_t(const Order&)> RandomDurations(uint32_t seed) {
  auto random = std::make_shared<std::mt19937>(seed);
  return [random](const Order&) { return static_cast<int64_t>((*random)() % 4) * 700'000; };  // zero is allowed
}

Json TaskJson(const std::string& name, const Json& devices, int queue, const Json& arrival) {
  return {{"name", name}, {"model", "mobilenetv2"}, {"devices", devices}, {"queue", queue}, {"arrival", arrival}};
}

TEST(PipelinesKeepTheirOrderAndBounds) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    Json text = PipelineJson(4, 1);
    text["tasks"][0]["queue"] = 1 + seed % 4;
    const Plan plan = ParsePlan(text.dump());
    Driver driver(plan, RandomDurations(seed));
    driver.Run();
    const RunCounts counts = CheckRun(driver.events(), plan);
    CHECK(counts.inferences > 100);
    CHECK_EQ(counts.stages, 4 * counts.inferences);
    CHECK_EQ(counts.warmups, 4u * 2u);
    CHECK_EQ(counts.loads, 4u);
    CHECK_EQ(counts.unloads, 4u);
    CHECK_EQ(driver.scheduler()->task_counts()[0].completed, counts.inferences);
  }
}

TEST(OppositeDeviceOrdersDoNotDeadlock) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    Json text = PipelineJson(3, 1);
    text["tasks"] = {TaskJson("up", {0, 1, 2}, 1, {{"law", "saturated"}}),
                     TaskJson("down", {2, 1, 0}, 1, {{"law", "saturated"}}),
                     TaskJson("fold", {1, 0, 1}, 1, {{"law", "closed"}, {"concurrency", 5}})};
    const Plan plan = ParsePlan(text.dump());
    Driver driver(plan, RandomDurations(seed));
    driver.Run();
    CheckRun(driver.events(), plan);
    for (const TaskCounts& counts : driver.scheduler()->task_counts()) CHECK(counts.completed > 20);
  }
}

TEST(ADeviceServesFirstComeFirstServed) {
  Json text = PipelineJson(1, 1);
  text["idle"]["gap_every_ms"] = 0;
  text["warmup_inferences"] = 0;
  text["tasks"] = {TaskJson("late", {0}, 8, {{"law", "trace"}, {"at_ms", {0, 3, 5}}}),
                   TaskJson("early", {0}, 8, {{"law", "trace"}, {"at_ms", {1, 2, 4}}})};
  const Plan plan = ParsePlan(text.dump());
  Driver driver(plan, [](const Order&) { return 20 * kNsPerMs; });
  driver.Run();
  // Numbers are given in order of arrival.
  CHECK(driver.started_inferences == std::vector<uint32_t>({0, 1, 2, 3, 4, 5}));
}

TEST(OpenArrivalsAreDroppedWhenTheFirstQueueIsFull) {
  Json text = PipelineJson(1, 1);
  text["tasks"][0]["queue"] = 2;
  text["tasks"][0]["arrival"] = {{"law", "trace"}, {"at_ms", {0, 1, 2, 3, 4}}};
  const Plan plan = ParsePlan(text.dump());
  Driver driver(plan, [](const Order& order) { return order.work.kind == JS_KIND_STAGE ? 100 * kNsPerMs : 0; });
  driver.Run();
  const TaskCounts& counts = driver.scheduler()->task_counts()[0];
  CHECK_EQ(counts.admitted, 3u);  // one at work, two waiting
  CHECK_EQ(counts.completed, 3u);
  CHECK_EQ(counts.dropped, 2u);
}

TEST(GapsDrainTheCardAndAreAsLongAsPlanned) {
  Json text = PipelineJson(4, 2);
  text["idle"]["gap_every_ms"] = 100;
  text["idle"]["gap_ms"] = 8;
  const Plan plan = ParsePlan(text.dump());
  Driver driver(plan, [](const Order& order) { return (3 + order.work.segment) * 400'000; });
  driver.Run();
  size_t gaps = 0;
  int64_t quiet_since_ns = 0;
  size_t active = 0;
  for (const Event& event : driver.events()) {
    if (event.kind != JS_KIND_INFERENCE) continue;
    if (event.edge == JS_EDGE_START) {
      if (active++ == 0 && quiet_since_ns != 0) {
        CHECK(event.t_ns - quiet_since_ns >= 8 * kNsPerMs);
        ++gaps;
      }
    } else if (--active == 0) {
      quiet_since_ns = event.t_ns;
    }
  }
  // A cycle is 100 ms of admission, the drain of a full pipeline (at most 50 ms here) and 8 ms.
  CHECK(gaps >= 12 && gaps <= 19);
}

TEST(WithoutGapsAdmissionNeverPauses) {
  Json text = PipelineJson(1, 1);
  text["idle"]["gap_every_ms"] = 0;
  const Plan plan = ParsePlan(text.dump());
  Driver driver(plan, [](const Order&) { return kNsPerMs; });
  driver.Run();
  CHECK_EQ(LongestGapNs(driver.events()), 20 * kNsPerMs);  // warm-up to run: resident_ms
}

TEST(ArrivalsKeepTheirSpacingThroughAGap) {
  Json text = PipelineJson(1, 2);
  text["idle"]["gap_every_ms"] = 50;
  text["idle"]["gap_ms"] = 30;
  text["tasks"][0]["arrival"] = {{"law", "periodic"}, {"period_ms", 10}};
  const Plan plan = ParsePlan(text.dump());
  Driver driver(plan, [](const Order&) { return kNsPerMs; });
  driver.Run();
  CHECK_EQ(driver.scheduler()->task_counts()[0].dropped, 0u);
  int64_t last_ns = 0;
  int64_t shortest_ns = kNever;
  for (const Event& event : driver.events()) {
    if (event.kind != JS_KIND_INFERENCE || event.edge != JS_EDGE_START) continue;
    if (last_ns != 0) shortest_ns = std::min(shortest_ns, event.t_ns - last_ns);
    last_ns = event.t_ns;
  }
  CHECK_EQ(shortest_ns, 10 * kNsPerMs);
}

TEST(TheTimelineTakesItsTimes) {
  Json text = PipelineJson(1, 0.5);
  text["idle"]["gap_every_ms"] = 0;
  text["warmup_inferences"] = 1;
  text["tasks"][0]["arrival"] = {{"law", "trace"}, {"at_ms", {0, 499, 501}}};
  const Plan plan = ParsePlan(text.dump());
  Driver driver(plan, [](const Order& order) { return order.kind == OrderKind::kSpan ? kNsPerMs : 0; });
  const int64_t began_ns = driver.now_ns();
  driver.Run();
  // never used 20, context open 20, load 1, warm-up 1, resident 20, run 500 (the stage at 499 ends with it), after 20,
  // unload 1; the arrival at 501 is not admitted.
  CHECK_EQ(driver.scheduler()->task_counts()[0].admitted, 2u);
  CHECK_EQ(driver.now_ns() - began_ns, 583 * kNsPerMs);
}

TEST(ARunEndsWhenItsTasksAreExhausted) {
  Json text = PipelineJson(2, 3600);
  text["tasks"][0]["max_inferences"] = 5;
  const Plan plan = ParsePlan(text.dump());
  Driver driver(plan, [](const Order&) { return kNsPerMs; });
  driver.Run();
  CHECK_EQ(driver.scheduler()->task_counts()[0].completed, 5u);
  CHECK(driver.now_ns() < kNsPerS);
}

TEST(ASharedSegmentIsLoadedOnce) {
  Json text = PipelineJson(2, 0.2);
  text["devices"].push_back(DevicePlanJson(2));
  text["tasks"] = {TaskJson("one", {0, 1}, 2, {{"law", "saturated"}}),
                   TaskJson("two", {0, 1}, 2, {{"law", "saturated"}}),
                   TaskJson("three", {1, 0}, 2, {{"law", "saturated"}})};
  const Plan plan = ParsePlan(text.dump());
  std::map<uint16_t, int> states;
  Driver driver(plan, [&states](const Order& order) {
    if (order.state_after) ++states[*order.state_after];
    CHECK(order.work.device != 2 || order.kind == OrderKind::kDeclareNeverUsed);  // no task uses it
    return kNsPerMs;
  });
  driver.Run();
  const RunCounts counts = CheckRun(driver.events(), plan);
  CHECK_EQ(counts.loads, 4u);  // both segments on both devices
  CHECK_EQ(counts.unloads, 4u);
  CHECK_EQ(states[JS_STATE_RESIDENT], 2);
  CHECK_EQ(states[JS_STATE_CONTEXT_OPEN], 2);
}

TEST(LoadsComeOneAfterAnother) {
  const Plan plan = ParsePlan(PipelineJson(4, 0.1).dump());
  int loading = 0;
  Driver driver(plan, [](const Order&) { return kNsPerMs; });
  driver.Run();
  for (const Event& event : driver.events()) {
    if (event.kind != JS_KIND_LOAD && event.kind != JS_KIND_UNLOAD) continue;
    loading += event.edge == JS_EDGE_START ? 1 : -1;
    CHECK(loading <= 1);
  }
}

TEST(StopAndInterruptDrainFromAnyInstant) {
  const Plan plan = ParsePlan(PipelineJson(3, 0.3).dump());
  for (int64_t at_ns = 0; at_ns < 450 * kNsPerMs; at_ns += 1'700'000) {
    for (const bool is_interrupt : {false, true}) {
      Driver driver(plan, RandomDurations(static_cast<uint32_t>(at_ns)));
      uint64_t admitted = 0;
      bool is_stopped = false;
      driver.Run([&](Driver* d) {
        if (is_stopped || d->now_ns() < at_ns) return;
        is_stopped = true;
        admitted = d->scheduler()->task_counts()[0].admitted;
        is_interrupt ? d->scheduler()->Interrupt(d->now_ns()) : d->scheduler()->Stop(d->now_ns());
      });
      const RunCounts counts = CheckRun(driver.events(), plan);
      CHECK(!is_stopped || counts.inferences == admitted);
      CHECK(is_interrupt || counts.unloads == counts.loads);
    }
  }
}

TEST(AFailedStageEndsItsInferenceAndFreesItsPlace) {
  Json text = PipelineJson(2, 1);
  text["tasks"][0]["queue"] = 1;
  text["tasks"][0]["max_inferences"] = 4;
  text["warmup_inferences"] = 0;
  const Plan plan = ParsePlan(text.dump());
  Scheduler scheduler(plan);
  int64_t now_ns = 0;
  scheduler.Start(now_ns);
  for (int i = 0; i < 100'000 && !scheduler.IsDone(); ++i, now_ns += kNsPerMs) {
    scheduler.Advance(now_ns);
    while (scheduler.NextArrivalNs(0) <= now_ns) scheduler.Arrive(0, now_ns);
    for (uint16_t device = 0; device < 2; ++device) {
      const auto order = scheduler.TakeOrder(device, now_ns);
      if (!order) continue;
      const bool is_stage = order->kind == OrderKind::kSpan && order->work.kind == JS_KIND_STAGE;
      const bool ok = !is_stage || device == 1;
      CHECK(ok || order->EndsInference(ok));
      scheduler.CompleteOrder(device, ok, now_ns);
    }
  }
  CHECK(scheduler.IsDone());
  CHECK_EQ(scheduler.task_counts()[0].completed, 4u);
  CHECK_EQ(scheduler.task_counts()[0].failed, 4u);
  CHECK_EQ(scheduler.queues().QueuedOrReserved(0, 1), 0u);
}

}  // namespace
}  // namespace joulespan::test
