#include "stalled_bench.h"

#include <signal.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "clock/monotonic_clock.h"
#include "subscriber_role.h"
#include "support/live_runner.h"
#include "support/plan_text.h"

namespace joulespan::bench {
namespace {

using nlohmann::ordered_json;

// Eight devices with a task each, 1562.5 inferences a second of one stage and four events each: 50,000 events a second.
constexpr int kDevices = 8;
constexpr double kPeriodMs = 0.64;
constexpr double kStageMs = 0.25;

ordered_json PlanOf50k(double seconds) {
  ordered_json plan = test::PipelineJson(1, seconds, kStageMs);
  plan["models"][0]["segments"][0]["phases"].erase(0);  // the transfer
  for (int i = 1; i < kDevices; ++i) plan["devices"].push_back(test::DevicePlanJson(i));
  ordered_json task = plan["tasks"][0];
  task["arrival"] = {{"law", "periodic"}, {"period_ms", kPeriodMs}};
  task["queue"] = 64;  // rides out a preempted thread: an arrival dropped would be events that were not emitted
  plan["tasks"].clear();
  for (int i = 0; i < kDevices; ++i) {
    task["name"] = "task" + std::to_string(i);
    task["devices"] = {i};
    plan["tasks"].push_back(task);
  }
  plan["idle"]["gap_every_ms"] = 0;
  return plan;
}

struct RunFigures {
  ordered_json finished;
  std::vector<ordered_json> subscribers;
  uint64_t missing = 0;  // events that a subscriber has neither received nor filled

  int64_t LatenessNs(const char* quantile) const { return finished["start_lateness_ns"][quantile].get<int64_t>(); }
  double EventsPerSecond(double seconds) const { return finished["events"].get<double>() / seconds; }
};

RunFigures Run(double seconds, bool with_stalled) {
  const uint32_t subscribers = with_stalled ? 3 : 1;
  test::LiveRunner runner(PlanOf50k(seconds), {"--subscribers", std::to_string(subscribers), "--linger-s", "30"});
  std::vector<std::unique_ptr<SubscriberProcess>> processes;
  const auto subscribe = [&](SubscriberRole role) {
    processes.push_back(
        std::make_unique<SubscriberProcess>(role, runner.events_endpoint(), runner.requests_endpoint()));
  };
  subscribe(SubscriberRole::kReading);
  if (with_stalled) {
    subscribe(SubscriberRole::kNotReading);
    subscribe(SubscriberRole::kReading);
  }
  if (runner.NextLine()["event"] != "started") throw std::runtime_error("the runner does not start");
  if (with_stalled) {
    // Stopped from a tenth of the run to nine tenths.
    const int64_t started_ns = NowNs();
    const auto at = [&](double part) { return started_ns + static_cast<int64_t>(part * seconds * kNsPerS); };
    SleepUntilNs(at(0.1));
    processes.back()->Signal(SIGSTOP);
    SleepUntilNs(at(0.9));
    processes.back()->Signal(SIGCONT);
  }
  RunFigures figures;
  figures.finished = ordered_json::parse(runner.process()->ReadLine(seconds + 60).value_or("null"));
  if (figures.finished.is_null()) throw std::runtime_error("the runner does not finish");
  const uint64_t events = figures.finished["events"].get<uint64_t>();
  for (const auto& process : processes) {
    figures.subscribers.push_back(process->Settle());
    const ordered_json& settled = figures.subscribers.back();
    figures.missing += settled["missing"].get<uint64_t>() + (events - settled["end"].get<uint64_t>());
  }
  runner.process()->Signal(SIGTERM);  // no need to linger on
  return figures;
}

ordered_json Shown(const RunFigures& run, double seconds) {
  ordered_json shown = {{"events_per_s", static_cast<int64_t>(run.EventsPerSecond(seconds))},
                        {"start_lateness_ns", run.finished["start_lateness_ns"]},
                        {"arrivals_dropped", run.finished["dropped"]},
                        {"events_dropped", run.finished["events_dropped"]}};
  const char* const names[] = {"reading", "not_reading", "stopped"};
  for (size_t i = 0; i < run.subscribers.size(); ++i) shown[names[i]] = run.subscribers[i];
  return shown;
}

int64_t Median(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

ordered_json BenchStalledSubscriber(double seconds, int rounds) {
  ordered_json runs = ordered_json::array();
  std::vector<int64_t> healthy_ns, stalled_ns, excess_ns;
  uint64_t missing = 0;
  for (int round = 0; round < rounds; ++round) {
    // In turn, and every other pair the other way round, so that what else the machine does falls on both.
    const bool is_stalled_first = round % 2 == 1;
    RunFigures first = Run(seconds, is_stalled_first);
    RunFigures second = Run(seconds, !is_stalled_first);
    const RunFigures& healthy = is_stalled_first ? second : first;
    const RunFigures& stalled = is_stalled_first ? first : second;
    healthy_ns.push_back(healthy.LatenessNs("p99_9"));
    stalled_ns.push_back(stalled.LatenessNs("p99_9"));
    excess_ns.push_back(stalled_ns.back() - healthy_ns.back());
    missing += healthy.missing + stalled.missing;
    runs.push_back({{"healthy", Shown(healthy, seconds)}, {"stalled", Shown(stalled, seconds)}});
  }
  return {{"what",
           "joulespan-runner with 8 virtual devices at 50,000 events/s. Healthy: one subscriber reads. Stalled: "
           "beside it one never reads and one is SIGSTOPped from 10 to 90 % of the run; both then fill what they "
           "missed. Lateness: start stamp of a stage after the instant it could have started"},
          {"target", "p99.9 of the lateness at most 100,000 ns above healthy; no event missing after the fill"},
          {"seconds_per_run", seconds},
          {"healthy_p99_9_ns_median", Median(healthy_ns)},
          {"stalled_p99_9_ns_median", Median(stalled_ns)},
          {"excess_p99_9_ns", excess_ns},
          {"excess_p99_9_ns_median", Median(excess_ns)},
          {"missing_after_fill", missing},
          {"rounds", runs}};
}

}  // namespace joulespan::bench
