#include "queue_bench.h"

#include <algorithm>
#include <map>
#include <thread>
#include <vector>

#include "clock/monotonic_clock.h"
#include "emission/lane_collector.h"
#include "plan/parse_plan.h"
#include "session/live_session.h"
#include "support/plan_text.h"

namespace joulespan::bench {
namespace {

using nlohmann::ordered_json;

constexpr int kStages = 4;
constexpr double kSeconds = 2;

// Takes no time: all that is left is the runner.
class NullDevice : public Device {
 public:
  void Open() override {}
  void Close() override {}
  void Prepare(const SpanWork&) override {}
  void ForecastPower(int64_t, std::vector<PowerRecord>*) const override {}
  std::optional<double> IdlePowerW(uint16_t) const override { return std::nullopt; }
  void Load(int64_t) override {}
  bool Invoke(int64_t) override { return true; }
  void Unload(int64_t) override {}
};

struct Costs {
  double handover_us = 0;  // median from the end of a stage to the start of the next of the same inference
  double lateness_us = 0;  // median from when a stage could have started to its start
  double period_us = 0;    // mean time of an inference at full throughput, over its stages
};

Plan QueuePlan(int devices, const ordered_json& arrival) {
  ordered_json text = test::PipelineJson(kStages, kSeconds);
  text["tasks"][0]["arrival"] = arrival;
  for (int s = 0; s < kStages; ++s) text["tasks"][0]["devices"][s] = s % devices;
  text["idle"]["gap_every_ms"] = 0;
  return ParsePlan(text.dump());
}

double MedianUs(std::vector<int64_t>* values_ns) {
  const auto middle = values_ns->begin() + static_cast<std::ptrdiff_t>(values_ns->size() / 2);
  std::nth_element(values_ns->begin(), middle, values_ns->end());
  return static_cast<double>(*middle) / 1e3;
}

Costs MeasureOnce(const Plan& plan) {
  std::vector<std::unique_ptr<Device>> devices;
  for (size_t i = 0; i < plan.devices.size(); ++i) devices.push_back(std::make_unique<NullDevice>());
  LiveSession session(plan, std::move(devices), false);
  LaneCollector collector(session.lanes());
  std::vector<Event> events;
  std::atomic<bool> is_over{false};
  // Drains as the publisher does, without sending.
  std::thread drain([&] {
    while (!is_over.load()) {
      const CollectedBatch& batch = collector.Collect();
      events.insert(events.end(), batch.events.begin(), batch.events.end());
      SleepUntilNs(NowNs() + kNsPerMs);
    }
  });
  session.Run();
  is_over.store(true);
  drain.join();
  const CollectedBatch& rest = collector.CollectLast();
  events.insert(events.end(), rest.events.begin(), rest.events.end());

  std::map<uint32_t, int64_t> ended_ns;  // by inference: its last stage
  std::vector<int64_t> handovers_ns;
  size_t stages = 0;
  for (const Event& event : events) {
    if (event.kind != JS_KIND_STAGE) continue;
    if (event.edge == JS_EDGE_END) {
      ++stages;
      ended_ns[event.inference_id] = event.t_ns;
    } else if (event.segment > 0) {
      handovers_ns.push_back(event.t_ns - ended_ns[event.inference_id]);
    }
  }
  Costs costs;
  costs.handover_us = MedianUs(&handovers_ns);
  costs.lateness_us = static_cast<double>(session.Report().start_lateness.QuantileNs(0.5)) / 1e3;
  costs.period_us = static_cast<double>(plan.duration_ns) / 1e3 / static_cast<double>(stages);
  return costs;
}

// The medians of `rounds` runs.
ordered_json Measure(int devices, const ordered_json& arrival, int rounds) {
  const Plan plan = QueuePlan(devices, arrival);
  std::vector<double> handover, lateness, period;
  for (int i = 0; i < rounds; ++i) {
    const Costs costs = MeasureOnce(plan);
    handover.push_back(costs.handover_us);
    lateness.push_back(costs.lateness_us);
    period.push_back(costs.period_us);
  }
  const auto median = [](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  return {{"handover_us_p50", median(handover)},
          {"start_lateness_us_p50", median(lateness)},
          {"mean_us_per_stage", median(period)}};
}

}  // namespace

ordered_json BenchQueues(int rounds) {
  const int runs = std::max(5, rounds);
  return {{"what",
           "four stages on devices that do nothing: from the end of a stage to the start of the next of the same "
           "inference, lateness of starts, and time per stage at full throughput; medians of several runs"},
          {"target", "at most 20 us per stage, median (a Python pipeline costs 247 us)"},
          {"runs", runs},
          {"one_at_a_time_four_devices", Measure(4, {{"law", "closed"}, {"concurrency", 1}}, runs)},
          {"saturated_four_devices", Measure(4, {{"law", "saturated"}}, runs)},
          {"saturated_one_device", Measure(1, {{"law", "saturated"}}, runs)}};
}

}  // namespace joulespan::bench
