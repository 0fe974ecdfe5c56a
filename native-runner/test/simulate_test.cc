// Simulated runs through the program itself: whole, the same every time, and fast.
#include <sys/resource.h>

#include <algorithm>
#include <map>

#include "backend/span_draw.h"
#include "clock/monotonic_clock.h"
#include "plan/parse_plan.h"
#include "support/child_process.h"
#include "support/message_list.h"
#include "support/plan_text.h"
#include "support/stream_check.h"
#include "support/temporary_folder.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

constexpr int64_t kStartNs = 123'456'789'000'000;

struct SimulatedRun {
  std::string events;
  std::string powers;
  Json finished;
};

SimulatedRun Simulate(const Json& plan, const std::vector<std::string>& more = {}) {
  const TemporaryFolder folder;
  WriteFile(folder / "plan.json", plan.dump());
  std::vector<std::string> arguments = {
      JOULESPAN_RUNNER,         "--plan", folder / "plan.json",  "--simulate",  "--start-ns",
      std::to_string(kStartNs), "--log",  folder / "events.log", "--power-log", folder / "powers.log"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  ChildProcess runner(arguments);
  std::string last;
  while (const auto line = runner.ReadLine()) last = *line;
  CHECK_EQ(runner.Wait(), 0);
  return SimulatedRun{ReadFile(folder / "events.log"), ReadFile(folder / "powers.log"), Json::parse(last)};
}

Json PoissonPipelineJson(double duration_s) {
  Json plan = PipelineJson(4, duration_s, 2.0);
  plan["tasks"][0]["arrival"] = {{"law", "poisson"}, {"rate_hz", 40}};
  return plan;
}

TEST(ASimulatedRunIsWhole) {
  const Json text = PoissonPipelineJson(20);
  const SimulatedRun run = Simulate(text);
  const MessageList list = ListEvents(run.events);
  CheckWholeStream(list);
  const std::vector<Event> events = list.Events();
  const RunCounts counts = CheckRun(events, ParsePlan(text.dump()));
  CHECK(counts.inferences > 600);
  CHECK_EQ(counts.inferences, run.finished["inferences"].get<size_t>());
  CHECK_EQ(events.size(), run.finished["events"].get<size_t>());
  CHECK_EQ(counts.states, 4u * 4u);  // never used, open, resident, open again
  CHECK_EQ(events.front().t_ns, kStartNs);
  CHECK(list.messages.front().header.watermark_ns <= kStartNs);
}

TEST(PowersAreThoseOfTheSpans) {
  const Json text = PoissonPipelineJson(5);
  const SimulatedRun run = Simulate(text);
  const MessageList powers = ListPowers(run.powers);
  CHECK(powers.bad == BadReason::kNone);
  CheckPowerWatermarks(powers);
  CHECK_EQ(int{powers.messages.back().header.message}, JS_MESSAGE_END);
  std::map<uint32_t, std::vector<PowerRecord>> phases;  // by span
  size_t idle_levels = 0;
  for (const PowerRecord& record : powers.Powers()) {
    record.type == JS_POWER_PHASE ? phases[record.span_id].push_back(record) : static_cast<void>(++idle_levels);
  }
  CHECK_EQ(idle_levels, 4u * 4u);
  std::map<uint32_t, Event> starts;
  size_t spans = 0;
  for (const Event& event : ListEvents(run.events).Events()) {
    if (event.kind == JS_KIND_INFERENCE || event.kind == JS_KIND_STATE) continue;
    if (event.edge == JS_EDGE_START) {
      starts[event.span_id] = event;
      continue;
    }
    ++spans;
    const std::vector<PowerRecord>& own = phases.at(event.span_id);
    CHECK_EQ(own.front().t_ns, starts.at(event.span_id).t_ns + kFirstPhaseDelayNs);
    CHECK_EQ(own.front().device, event.device);
    CHECK_EQ(int{own.front().kind}, int{event.kind});
    const int64_t planned_end_ns = own.back().t_ns + own.back().duration_ns;
    CHECK(event.t_ns >= planned_end_ns + 20'000);
    CHECK(event.t_ns < planned_end_ns + 1'000'000);
  }
  CHECK_EQ(spans, phases.size());
}

TEST(TheSameSeedGivesTheSameBytes) {
  const Json plan = PoissonPipelineJson(10);
  const SimulatedRun first = Simulate(plan);
  const SimulatedRun again = Simulate(plan);
  CHECK(first.events == again.events);
  CHECK(first.powers == again.powers);
  const SimulatedRun other = Simulate(plan, {"--seed", "8"});
  CHECK(first.events != other.events);
  CHECK(first.powers != other.powers);
}

TEST(EveryArrivalLawRuns) {
  for (const Json& arrival : {Json{{"law", "poisson"}, {"rate_hz", 300}}, Json{{"law", "periodic"}, {"period_ms", 5}},
                              Json{{"law", "saturated"}}, Json{{"law", "closed"}, {"concurrency", 2}, {"think_ms", 3}},
                              Json{{"law", "trace"}, {"at_ms", {0, 10, 10, 10, 10, 10, 10, 10, 10, 900}}}}) {
    Json text = PipelineJson(3, 1);
    text["tasks"][0]["arrival"] = arrival;
    const SimulatedRun run = Simulate(text);
    const MessageList list = ListEvents(run.events);
    CheckWholeStream(list);
    const RunCounts counts = CheckRun(list.Events(), ParsePlan(text.dump()));
    CHECK(counts.inferences >= 5);
  }
}

TEST(IdleTimesAndGapsAreInTheRecord) {
  Json text = PipelineJson(2, 2);
  text["idle"]["gap_ms"] = 25;
  const std::vector<Event> events = ListEvents(Simulate(text).events).Events();
  CHECK(LongestGapNs(events) >= 25 * kNsPerMs && LongestGapNs(events) < 35 * kNsPerMs);
}

TEST(MarkerTogglesAreInTheRecordAndWithinTheirBrackets) {
  Json text = PipelineJson(2, 3);
  text["marker"] = {{"wire", "virtual"}, {"every_ms", 20}};
  const SimulatedRun run = Simulate(text);
  const MessageList list = ListEvents(run.events);
  CheckWholeStream(list);
  CheckRun(list.Events(), ParsePlan(text.dump()));
  std::vector<Event> toggles;
  for (const ListedMessage& message : list.messages) {
    if (message.header.message != JS_MESSAGE_EVENTS) continue;
    bool has_marker = false;
    for (const Event& event : EventsOf(message)) {
      if (event.kind != JS_KIND_MARKER) continue;
      has_marker = true;
      toggles.push_back(event);
    }
    CHECK_EQ(int{message.header.version}, has_marker ? 2 : 1);
  }
  CHECK(toggles.size() > 140 && toggles.size() < 180);
  for (size_t i = 0; i < toggles.size(); ++i) {
    CHECK_EQ(int{toggles[i].value}, i % 2 == 0 ? 1 : 0);  // low before the first
    CHECK(toggles[i].bracket_ns > 0 && toggles[i].bracket_ns < 20'000);
    if (i > 0) CHECK(toggles[i].t_ns - toggles[i - 1].t_ns >= 15 * kNsPerMs);
  }
  std::vector<PowerRecord> edges;
  for (const PowerRecord& record : ListPowers(run.powers).Powers()) {
    if (record.type == JS_POWER_MARKER) edges.push_back(record);
  }
  CHECK_EQ(edges.size(), toggles.size());
  for (size_t i = 0; i < edges.size(); ++i) {
    CHECK_EQ(edges[i].segment, toggles[i].value);
    CHECK(edges[i].t_ns >= toggles[i].t_ns && edges[i].t_ns <= toggles[i].t_ns + toggles[i].bracket_ns);
  }
  const SimulatedRun without = Simulate(PipelineJson(2, 3));
  for (const Event& event : ListEvents(without.events).Events()) CHECK(event.kind != JS_KIND_MARKER);
}

TEST(AnHourTakesSeconds) {
  Json text = PoissonPipelineJson(3600);
  text["idle"]["gap_every_ms"] = 1000;
  rusage before, after;
  getrusage(RUSAGE_CHILDREN, &before);
  const SimulatedRun run = Simulate(text);
  getrusage(RUSAGE_CHILDREN, &after);
  CHECK(run.finished["inferences"].get<size_t>() > 130'000);
  // Processor time, which others at work on the machine do not change much: about 1 s where this was written.
  const double cpu_s = static_cast<double>(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
                       1e-6 * static_cast<double>(after.ru_utime.tv_usec - before.ru_utime.tv_usec);
  CHECK(cpu_s < 30);
}

}  // namespace
}  // namespace joulespan::test
