// Live sessions on devices that misbehave: another backend than the virtual card.
#include "session/live_session.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include "emission/lane_collector.h"
#include "plan/parse_plan.h"
#include "support/plan_text.h"
#include "support/stream_check.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

struct Misbehaviour {
  bool fails_to_open = false;
  bool fails_to_load = false;
  uint32_t fails_every = 0;  // invocations; 0: never
};

class FakeDevice : public Device {
 public:
  FakeDevice(Misbehaviour misbehaviour, std::atomic<int>* open) : misbehaviour_(misbehaviour), open_(open) {}

  void Open() override {
    if (misbehaviour_.fails_to_open) throw std::runtime_error("no such device");
    ++*open_;
  }
  void Close() override { --*open_; }
  void Prepare(const SpanWork& work) override { work_ = work; }
  void ForecastPower(int64_t, std::vector<PowerRecord>*) const override {}
  std::optional<double> IdlePowerW(uint16_t) const override { return std::nullopt; }
  void Load(int64_t) override {
    if (misbehaviour_.fails_to_load) throw std::runtime_error("the model does not fit");
  }
  bool Invoke(int64_t) override {
    SleepUntilNs(NowNs() + 200'000);
    return misbehaviour_.fails_every == 0 || work_.inference_id == kNone32 ||
           work_.inference_id % misbehaviour_.fails_every != 0;
  }
  void Unload(int64_t) override {}

 private:
  const Misbehaviour misbehaviour_;
  std::atomic<int>* open_;
  SpanWork work_;
};

struct FakeRun {
  FakeRun(const Json& text, Misbehaviour second_device) : plan(ParsePlan(text.dump())) {
    std::vector<std::unique_ptr<Device>> devices;
    for (size_t i = 0; i < plan.devices.size(); ++i) {
      devices.push_back(std::make_unique<FakeDevice>(i == 1 ? second_device : Misbehaviour{}, &open));
    }
    LiveSession session(plan, std::move(devices), true);
    LaneCollector collector(session.lanes());
    std::thread runner([&session] { session.Run(); });
    runner.join();
    const CollectedBatch& batch = collector.CollectLast();
    events = batch.events;
    powers = batch.powers.size();
    report = session.Report();
  }

  const Plan plan;
  std::atomic<int> open{0};
  std::vector<Event> events;
  size_t powers = 0;
  SessionReport report;
};

TEST(ABackendThatKnowsNoPowersPublishesNone) {
  const FakeRun run(PipelineJson(2, 0.3), {});
  CHECK_EQ(run.report.failure, "");
  const RunCounts counts = CheckRun(run.events, run.plan);
  CHECK(counts.inferences > 50);
  CHECK_EQ(run.powers, 0u);
  CHECK_EQ(run.open.load(), 0);  // all closed
  CHECK_EQ(run.report.start_lateness.count(), counts.stages);
}

TEST(AFailedInvocationIsMarkedAndTheRunGoesOn) {
  Misbehaviour misbehaviour;
  misbehaviour.fails_every = 5;
  const FakeRun run(PipelineJson(3, 0.3), misbehaviour);
  CHECK_EQ(run.report.failure, "");
  size_t failed_stages = 0, failed_inferences = 0;
  for (const Event& event : run.events) {
    if (event.edge != JS_EDGE_END || event.value == JS_VALUE_OK) continue;
    CHECK_EQ(event.inference_id % 5, 0u);
    failed_stages += event.kind == JS_KIND_STAGE;
    failed_inferences += event.kind == JS_KIND_INFERENCE;
  }
  CHECK(failed_stages > 5);
  CHECK_EQ(failed_inferences, failed_stages);
  CHECK_EQ(run.report.tasks[0].failed, failed_inferences);
  CHECK_EQ(run.report.tasks[0].completed, run.report.tasks[0].admitted);
}

TEST(ADeviceThatDoesNotOpenEndsTheRun) {
  Misbehaviour misbehaviour;
  misbehaviour.fails_to_open = true;
  const FakeRun run(PipelineJson(3, 600), misbehaviour);
  CHECK_EQ(run.report.failure, "tpu1: no such device");
  CHECK_EQ(run.open.load(), 0);
}

TEST(AModelThatDoesNotLoadEndsTheRun) {
  Misbehaviour misbehaviour;
  misbehaviour.fails_to_load = true;
  const FakeRun run(PipelineJson(3, 600), misbehaviour);
  CHECK_EQ(run.report.failure, "tpu1: the model does not fit");
  const Event* last_load = nullptr;
  for (const Event& event : run.events) {
    if (event.kind == JS_KIND_LOAD && event.edge == JS_EDGE_END) last_load = &event;
    // It never got its model.
    CHECK(event.kind != JS_KIND_STATE || event.device != 1 || event.value != JS_STATE_RESIDENT);
  }
  CHECK(last_load != nullptr);
  CHECK_EQ(int{last_load->value}, JS_VALUE_FAILED);
}

TEST(OppositeDeviceOrdersFlowInRealTime) {
  Json text = PipelineJson(2, 0.5);
  text["tasks"].push_back(text["tasks"][0]);
  text["tasks"][0]["queue"] = 1;
  text["tasks"][1]["queue"] = 1;
  text["tasks"][1]["name"] = "back";
  text["tasks"][1]["devices"] = {1, 0};
  const FakeRun run(text, {});
  CheckRun(run.events, run.plan);
  for (const TaskCounts& counts : run.report.tasks) CHECK(counts.completed > 50);
}

}  // namespace
}  // namespace joulespan::test
