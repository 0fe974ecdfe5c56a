// Both streams' rules of sequence, watermark, dictionary and repetition, without a clock.
#include <string>
#include <vector>

#include "plan/parse_plan.h"
#include "stream/dictionary.h"
#include "stream/event_stream.h"
#include "stream/power_stream.h"
#include "support/message_list.h"
#include "support/plan_text.h"
#include "support/stream_check.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

struct Sent {
  std::string bytes;
  MessageSink Sink() {
    return [this](std::string_view message, const MessageHeader&) { bytes += message; };
  }
};

std::vector<Event> EventsAt(int64_t first_ns, size_t count) {
  std::vector<Event> events(count);
  for (size_t i = 0; i < count; ++i) {
    events[i].t_ns = first_ns + static_cast<int64_t>(i);
    events[i].kind = JS_KIND_STAGE;
  }
  return events;
}

std::vector<int> Kinds(const MessageList& list) {
  std::vector<int> kinds;
  for (const ListedMessage& message : list.messages) kinds.push_back(message.header.message);
  return kinds;
}

TEST(TheDictionaryComesFirstAndEveryFiveSeconds) {
  Sent sent;
  EventStream stream(1, "{}", sent.Sink());
  for (int64_t now_ns = kNsPerS; now_ns <= 12 * kNsPerS; now_ns += 50 * kNsPerMs) {
    stream.Publish(now_ns, EventsAt(now_ns - 10, 1), now_ns);
  }
  stream.End(12 * kNsPerS);
  const MessageList list = ListEvents(sent.bytes);
  CheckWholeStream(list);
  CHECK_EQ(list.OfKind(JS_MESSAGE_DICTIONARY).size(), 3u);
  CHECK_EQ(list.OfKind(JS_MESSAGE_HEARTBEAT).size(), 0u);
}

TEST(HeartbeatsFillTheSilence) {
  Sent sent;
  EventStream stream(1, "{}", sent.Sink());
  for (int64_t now_ns = 0; now_ns < kNsPerS; now_ns += kNsPerMs) stream.Publish(now_ns, {}, now_ns);
  const MessageList list = ListEvents(sent.bytes);
  CHECK_EQ(list.OfKind(JS_MESSAGE_HEARTBEAT).size(), 9u);
  CHECK_EQ(list.messages.back().header.watermark_ns, 900 * kNsPerMs);
}

TEST(ALongBatchIsSplitAndEveryPartKeepsItsPromise) {
  Sent sent;
  EventStream stream(1, "{}", sent.Sink());
  stream.Publish(100'000, EventsAt(50'000, 2 * JS_EVENT_MESSAGE_MAX + 1), 90'000);
  stream.End(100'000);
  const MessageList list = ListEvents(sent.bytes);
  CheckWholeStream(list);
  CHECK(Kinds(list) == std::vector<int>({JS_MESSAGE_DICTIONARY, JS_MESSAGE_EVENTS, JS_MESSAGE_EVENTS, JS_MESSAGE_EVENTS,
                                         JS_MESSAGE_END}));
  CHECK_EQ(list.messages[1].header.watermark_ns, 50'000 + JS_EVENT_MESSAGE_MAX);
  CHECK_EQ(list.messages[3].header.watermark_ns, 90'000);
  CHECK_EQ(list.messages[3].header.count, 1u);
}

TEST(ADictionaryBeforeEventsDoesNotPromiseThemAway) {
  Sent sent;
  EventStream stream(1, "{}", sent.Sink());
  stream.Publish(1000, EventsAt(500, 3), 1000);
  stream.SendDictionary(1500);
  stream.Publish(kDictionaryNs + 5000, EventsAt(1000, 3), kDictionaryNs);
  stream.End(kDictionaryNs + 5000);
  CheckWholeStream(ListEvents(sent.bytes));
}

TEST(TheDictionaryNamesWhatTheNumbersMean) {
  const Plan plan = ParsePlan(PipelineJson(2, 1).dump());
  const auto dictionary = nlohmann::json::parse(DictionaryJson(plan, RunnerIdentity{"lab1", 1234, {}, "4f7d"}));
  CHECK_EQ(dictionary["tasks"][0]["name"].get<std::string>(), "camera");
  CHECK_EQ(dictionary["tasks"][0]["model"].get<int>(), 0);
  CHECK_EQ(dictionary["models"][0]["segments"].get<int>(), 2);
  CHECK_EQ(dictionary["devices"][1]["name"].get<std::string>(), "tpu1");
  CHECK_EQ(dictionary["runner"]["name"].get<std::string>(), "joulespan-runner");
  CHECK_EQ(dictionary["runner"]["backend"].get<std::string>(), "virtual");
  CHECK_EQ(dictionary["runner"]["host"].get<std::string>(), "lab1");
  CHECK_EQ(dictionary["runner"]["pid"].get<int>(), 1234);
}

TEST(IdleLevelsAreRepeatedWithTheirOwnTime) {
  Sent sent;
  PowerStream stream(1, sent.Sink());
  stream.RepeatIdleLevels();
  CHECK(sent.bytes.empty());
  stream.Publish({IdleLevelRecord(0, 0.4, 100), IdleLevelRecord(1, 0.4, 100)}, 200);
  stream.Publish({IdleLevelRecord(1, 0.95, 300)}, 400);
  stream.RepeatIdleLevels();
  stream.Heartbeat(500);
  stream.End(600);
  const MessageList list = ListPowers(sent.bytes);
  CheckPowerWatermarks(list);
  const std::vector<PowerRecord> repeated = PowersOf(list.messages[2]);
  CHECK_EQ(repeated.size(), 2u);
  CHECK_EQ(repeated[0].t_ns, 100);
  CHECK_EQ(repeated[1].t_ns, 300);
  CHECK_EQ(repeated[1].watts_start, 0.95f);
  CHECK_EQ(list.messages[4].header.first_sequence, 5u);
  CHECK_EQ(int{list.messages[4].header.message}, JS_MESSAGE_END);
}

TEST(ALongBatchOfPowersPromisesOnlyAtItsEnd) {
  Sent sent;
  PowerStream stream(1, sent.Sink());
  std::vector<PowerRecord> records(JS_EVENT_MESSAGE_MAX + 1);
  for (size_t i = 0; i < records.size(); ++i) {
    records[i].type = JS_POWER_PHASE;
    records[i].kind = JS_KIND_STAGE;
    records[i].t_ns = 10'000 - static_cast<int64_t>(i);
  }
  stream.Publish(records, 20'000);
  const MessageList list = ListPowers(sent.bytes);
  CHECK_EQ(list.messages.size(), 2u);
  CheckPowerWatermarks(list);
  CHECK_EQ(list.messages[0].header.watermark_ns, 0);
  CHECK_EQ(list.messages[1].header.watermark_ns, 20'000);
}

}  // namespace
}  // namespace joulespan::test
