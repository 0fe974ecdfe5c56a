// The program in real time: what it publishes, to whom, and that its log is the same.
#include <signal.h>

#include <set>

#include "clock/monotonic_clock.h"
#include "plan/parse_plan.h"
#include "support/event_subscriber.h"
#include "support/live_runner.h"
#include "support/stream_check.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

TEST(APipelineOfFourIsWholeAndPaired) {
  const Json text = PipelineJson(4, 2);
  zmq::context_t context;
  LiveRunner runner(text, {"--subscribers", "1"});
  EventSubscriber subscriber(&context, runner.events_endpoint());
  EventSubscriber powers(&context, runner.powers_endpoint());
  CHECK(subscriber.ReceiveUntil(IsDictionary));
  CHECK(Requester(&context, runner.requests_endpoint()).Ready("test") == std::vector<std::string>({"ok"}));
  CHECK(subscriber.ReceiveUntil(IsEndOfStream));
  CHECK(powers.ReceiveUntil(IsEndOfStream));
  const Json finished = runner.Finish();
  CHECK_EQ(runner.exit_code(), 0);

  const std::string log = runner.EventLogBytes();
  const MessageList list = ListEvents(log);
  CheckWholeStream(list);
  const std::vector<Event> events = list.Events();
  const RunCounts counts = CheckRun(events, ParsePlan(text.dump()));
  CHECK(counts.inferences > 200);
  CHECK_EQ(counts.warmups, 8u);
  CHECK_EQ(counts.loads, 4u);
  CHECK_EQ(counts.unloads, 4u);
  CHECK_EQ(counts.states, 16u);
  CHECK_EQ(counts.inferences, finished["inferences"].get<size_t>());
  CHECK_EQ(events.size(), finished["events"].get<size_t>());
  CHECK_EQ(finished["events_dropped"].get<int>(), 0);
  CHECK_EQ(finished["reason"].get<std::string>(), "done");
  CHECK(LongestGapNs(events) >= 8 * kNsPerMs);

  // What was received are the log's very bytes, from some message on.
  const std::string received = subscriber.Bytes();
  CHECK(received.size() <= log.size());
  CHECK(log.compare(log.size() - received.size(), received.size(), received) == 0);
  // Whoever is ready before the start misses no event.
  CHECK_EQ(ListEvents(received).Events().size(), events.size());

  const MessageList power_list = ListPowers(powers.Bytes());
  CHECK(power_list.bad == BadReason::kNone);
  CheckPowerWatermarks(power_list);
  std::set<uint32_t> spans;
  for (const PowerRecord& record : power_list.Powers()) {
    if (record.type == JS_POWER_PHASE) spans.insert(record.span_id);
  }
  CHECK_EQ(spans.size(), counts.stages + counts.warmups + counts.loads + counts.unloads);
  CheckPowerWatermarks(ListPowers(runner.PowerLogBytes()));
}

TEST(StampsAreOnTheHostsMonotonicClock) {
  Json text = PipelineJson(1, 0.2);
  const int64_t before_ns = NowNs();
  LiveRunner runner(text);
  runner.Finish();
  const int64_t after_ns = NowNs();
  for (const Event& event : ListEvents(runner.EventLogBytes()).Events()) {
    CHECK(event.t_ns > before_ns && event.t_ns < after_ns);
  }
}

TEST(AStageEnclosesItsPlannedPhases) {
  Json text = PipelineJson(2, 0.5);
  for (Json& segment : text["models"][0]["segments"]) segment["duration_sd_rel"] = 0;
  LiveRunner runner(text);
  runner.Finish();
  int64_t start_ns[2] = {0, 0};
  for (const Event& event : ListEvents(runner.EventLogBytes()).Events()) {
    if (event.kind != JS_KIND_STAGE) continue;
    if (event.edge == JS_EDGE_START) start_ns[event.device] = event.t_ns;
    if (event.edge == JS_EDGE_END) CHECK(event.t_ns - start_ns[event.device] >= 1'205'000);
  }
}

TEST(ALateJoinerGetsDictionaryAndIdleLevels) {
  zmq::context_t context;
  Json text = PipelineJson(2, 30);
  LiveRunner runner(text);
  runner.AwaitEvents(50);  // past the dictionary that starts the stream, before the next
  EventSubscriber events(&context, runner.events_endpoint());
  EventSubscriber powers(&context, runner.powers_endpoint());
  CHECK(events.ReceiveUntil(IsDictionary, 3));
  std::set<uint16_t> devices;
  CHECK(powers.ReceiveUntil(
      [&devices](std::string_view bytes) {
        for (const PowerRecord& record : ListPowers(bytes).Powers()) {
          if (record.type == JS_POWER_IDLE_LEVEL) devices.insert(record.device);
        }
        return devices.size() == 2;
      },
      3));
  // And a second one of the same process again.
  EventSubscriber second(&context, runner.events_endpoint());
  CHECK(second.ReceiveUntil(IsDictionary, 3));
  runner.process()->Signal(SIGTERM);
  runner.Finish();
  CHECK_EQ(runner.exit_code(), 130);
  CheckWatermarks(ListEvents(events.Bytes()));
}

TEST(HeartbeatsComeWhileSubscribersAreAwaited) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(1, 0.1), {"--subscribers", "2"});
  EventSubscriber subscriber(&context, runner.events_endpoint());
  int heartbeats = 0;
  CHECK(subscriber.ReceiveUntil(
      [&heartbeats](std::string_view bytes) {
        heartbeats += bytes[JS_EVENT_AT_MESSAGE] == JS_MESSAGE_HEARTBEAT;
        return heartbeats == 5;
      },
      5));
  runner.process()->Signal(SIGINT);
  runner.Finish();
}

}  // namespace
}  // namespace joulespan::test
