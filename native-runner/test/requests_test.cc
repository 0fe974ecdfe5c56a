// fill, ready and stop, over ipc and tcp.
#include <algorithm>
#include <cstring>
#include <thread>

#include "clock/monotonic_clock.h"
#include "plan/parse_plan.h"
#include "support/event_subscriber.h"
#include "support/live_runner.h"
#include "support/stream_check.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

using Parts = std::vector<std::string>;

void CheckFillGivesExactlyWhatWasMissed(bool tcp) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(4, 2), {"--subscribers", "1"}, tcp);
  EventSubscriber subscriber(&context, runner.events_endpoint());
  CHECK(subscriber.ReceiveUntil(IsDictionary));
  Requester requester(&context, runner.requests_endpoint());
  requester.Ready("test");
  CHECK(subscriber.ReceiveUntil(IsEndOfStream));

  Parts messages;
  for (const std::string& message : subscriber.messages()) {
    if (message[JS_EVENT_AT_MESSAGE] == JS_MESSAGE_EVENTS) messages.push_back(message);
  }
  CHECK(messages.size() > 200);
  const auto first_of = [](const std::string& message) { return DecodeEventMessage(message).header.first_sequence; };
  // As if these had been lost: one alone, a few, more than one answer holds, and the last.
  const size_t last = messages.size() - 1;
  for (const auto& [begin, end] : std::vector<std::pair<size_t, size_t>>{
           {3, 4}, {10, 17}, {20, 20 + 2 * JS_FILL_MESSAGES_MAX}, {last - 1, last}}) {
    const Parts filled = requester.FillAll(first_of(messages[begin]), first_of(messages[end]));
    CHECK(filled == Parts(messages.begin() + begin, messages.begin() + end));
  }
  CHECK_EQ(requester.Fill(0, 1'000'000).size(), size_t{JS_FILL_MESSAGES_MAX});
  CHECK(requester.Fill(1'000'000, 2'000'000) == Parts({""}));
  runner.Finish();
  CHECK_EQ(runner.exit_code(), 0);
}

TEST(AFillOverIpcGivesExactlyWhatWasMissed) { CheckFillGivesExactlyWhatWasMissed(false); }

TEST(AFillOverTcpGivesExactlyWhatWasMissed) { CheckFillGivesExactlyWhatWasMissed(true); }

TEST(AFillWhileEventsComeGivesWhatWasEmittedSoFar) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(4, 1));
  Requester requester(&context, runner.requests_endpoint());
  Parts all;
  uint64_t next = 0;
  while (next < 1000) {
    for (const std::string& part : requester.Fill(next, next + 500)) {
      if (part.empty()) continue;
      const MessageHeader header = DecodeEventMessage(part).header;
      CHECK_EQ(header.first_sequence, next);
      next = header.first_sequence + header.count;
      all.push_back(part);
    }
  }
  runner.Finish();
  std::string bytes;
  for (const std::string& part : all) bytes += part;
  const std::vector<Event> filled = ListEvents(bytes).Events();
  const std::vector<Event> logged = ListEvents(runner.EventLogBytes()).Events();
  for (size_t i = 0; i < filled.size(); ++i) CHECK_EQ(filled[i].t_ns, logged[i].t_ns);
}

struct ClockWords {
  int64_t number, before_ns, raw_ns, boottime_ns, after_ns;
};

ClockWords AskClock(Requester* requester, uint64_t number) {
  Request request;
  request.request = JS_REQUEST_CLOCK;
  request.from = number;
  const std::string answer = requester->Ask(EncodeRequest(request))[0];
  CHECK_EQ(answer.size(), sizeof(ClockWords));
  ClockWords words;
  std::memcpy(&words, answer.data(), sizeof(words));
  return words;
}

TEST(TheClockIsToldBetweenSendingAndReceiving) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(1, 0.5));
  Requester requester(&context, runner.requests_endpoint());
  for (uint64_t number = 7; number < 20; ++number) {
    const int64_t sent_ns = NowNs();
    const ClockWords words = AskClock(&requester, number);
    CHECK_EQ(words.number, static_cast<int64_t>(number));
    CHECK(sent_ns <= words.before_ns && words.before_ns <= words.after_ns && words.after_ns <= NowNs());
    CHECK(words.boottime_ns >= words.before_ns);
  }
}

TEST(AToldClockIsThatOfEventsAndAnswers) {
  zmq::context_t context;
  constexpr int64_t kOffsetNs = 3'600 * kNsPerS;
  LiveRunner runner(PipelineJson(1, 0.5), {"--clock-offset-ns", std::to_string(kOffsetNs), "--clock-rate-ppm", "200"});
  Requester requester(&context, runner.requests_endpoint());
  const int64_t sent_ns = NowNs();
  const ClockWords words = AskClock(&requester, 1);
  const double own_ns = static_cast<double>(words.before_ns - kOffsetNs) / (1 + 200e-6);
  CHECK(own_ns >= static_cast<double>(sent_ns) - 1000 && own_ns <= static_cast<double>(NowNs()));
  runner.Finish();
  const MessageList list = ListEvents(runner.EventLogBytes());
  CheckWholeStream(list);
  for (const Event& event : list.Events()) CHECK(event.t_ns > kOffsetNs);
  // the virtual card's powers stay on the emulator's clock
  for (const PowerRecord& record : ListPowers(runner.PowerLogBytes()).Powers()) CHECK(record.t_ns < kOffsetNs + sent_ns);
}

TEST(MalformedRequestsAreAnswered) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(1, 0.5));
  Requester requester(&context, runner.requests_endpoint());
  CHECK_EQ(requester.Ask("hello")[0], "error: expected at least 24 bytes, got 5");
  CHECK_EQ(requester.Fill(5, 5)[0], "error: fill: expected from < to, got 5 and 5");
  CHECK(requester.Ready("")[0].find("error: ready: expected a name") == 0);
  // A DEALER that forgets the delimiter.
  zmq::socket_t dealer(context, zmq::socket_type::dealer);
  dealer.set(zmq::sockopt::linger, 0);
  dealer.set(zmq::sockopt::rcvtimeo, 10'000);
  dealer.connect(runner.requests_endpoint());
  dealer.send(zmq::str_buffer("x"), zmq::send_flags::none);
  zmq::message_t part;
  CHECK(dealer.recv(part) && part.size() == 0);
  CHECK(dealer.recv(part));
  CHECK_EQ(part.to_string(), "error: expected an empty delimiter and one part, got 1 parts");
  // A DEALER that sends it.
  Request ready;
  ready.request = JS_REQUEST_READY;
  ready.subscriber = "dealer";
  dealer.send(zmq::message_t(), zmq::send_flags::sndmore);
  dealer.send(zmq::buffer(EncodeRequest(ready)), zmq::send_flags::none);
  CHECK(dealer.recv(part) && dealer.recv(part));
  CHECK_EQ(part.to_string(), "ok");
  runner.Finish();
  CHECK_EQ(runner.exit_code(), 0);
}

TEST(NothingStartsBeforeEverybodyIsReady) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(1, 0.2), {"--subscribers", "2"});
  Requester requester(&context, runner.requests_endpoint());
  requester.Ready("host");
  requester.Ready("host");  // asks again, counts once
  SleepUntilNs(NowNs() + 300 * kNsPerMs);
  CHECK(requester.Fill(0, 1) == Parts({""}));
  const int64_t before_ns = NowNs();
  requester.Ready("emulator");
  CHECK_EQ(runner.NextLine()["event"].get<std::string>(), "started");
  runner.Finish();
  CHECK_EQ(runner.exit_code(), 0);
  CHECK(ListEvents(runner.EventLogBytes()).Events().front().t_ns > before_ns);
  const std::string progress = runner.Stderr();
  CHECK(progress.find("1 of 2 subscribers ready (host)") != std::string::npos);
  CHECK(progress.find("2 of 2 subscribers ready (emulator, host)") != std::string::npos);
}

TEST(AMissingSubscriberIsNamedByWhoCame) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(1, 0.2), {"--subscribers", "2", "--subscriber-timeout-s", "1"});
  Requester(&context, runner.requests_endpoint()).Ready("host");
  const Json finished = runner.Finish();
  CHECK_EQ(runner.exit_code(), 5);
  CHECK_EQ(finished["events"].get<int>(), 0);
  CHECK(runner.Stderr().find("1 of 2 subscribers ready (host) after 1 s") != std::string::npos);
}

TEST(StopFinishesAsAtTheEndOfThePlan) {
  zmq::context_t context;
  const Json text = PipelineJson(3, 600);
  LiveRunner runner(text);
  runner.AwaitEvents(200);
  CHECK(Requester(&context, runner.requests_endpoint()).Stop() == Parts({"ok"}));
  const Json finished = runner.Finish();
  CHECK_EQ(runner.exit_code(), 0);
  CHECK_EQ(finished["reason"].get<std::string>(), "stopped");
  const MessageList list = ListEvents(runner.EventLogBytes());
  CheckWholeStream(list);
  const RunCounts counts = CheckRun(list.Events(), ParsePlan(text.dump()));
  CHECK(counts.inferences > 0);
  CHECK_EQ(counts.unloads, 3u);
}

TEST(RequestsAreAnsweredAfterTheEndUntilItIsQuiet) {
  zmq::context_t context;
  LiveRunner runner(PipelineJson(1, 0.2), {"--linger-s", "0.5"});
  while (runner.NextLine()["event"] != "finished") {
  }
  Requester requester(&context, runner.requests_endpoint());
  for (int i = 0; i < 4; ++i) {
    SleepUntilNs(NowNs() + 200 * kNsPerMs);
    CHECK(!requester.Fill(0, 1)[0].empty());
  }
  CHECK_EQ(runner.exit_code(), 0);
}

}  // namespace
}  // namespace joulespan::test
