#include "stream/event_log.h"

#include <vector>

#include "stream/event_stream.h"
#include "support/message_list.h"
#include "support/temporary_folder.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

// Message i holds i % 5 + 1 events; heartbeats between.
struct FilledLog {
  explicit FilledLog(EventLog* log, int messages) {
    EventStream stream(9, "{\"tasks\":[]}", [&](std::string_view bytes, const MessageHeader& header) {
      log->Append(bytes, header);
      if (header.message == JS_MESSAGE_EVENTS) all.push_back(std::string(bytes));
    });
    int64_t now_ns = 0;
    for (int i = 0; i < messages; ++i) {
      std::vector<Event> events(i % 5 + 1);
      for (Event& event : events) {
        event.t_ns = now_ns++;
        event.kind = JS_KIND_STAGE;
      }
      stream.Publish(now_ns, events, now_ns);
      if (i % 3 != 0) continue;
      now_ns += 2 * kHeartbeatNs;
      stream.Publish(now_ns, {}, now_ns);
    }
    events = stream.events();
  }

  // The messages that hold any of [from, to).
  std::vector<std::string> Covering(uint64_t from, uint64_t to) const {
    std::vector<std::string> covering;
    for (const std::string& message : all) {
      const MessageHeader header = DecodeEventMessage(message).header;
      if (header.first_sequence < to && header.first_sequence + header.count > from) covering.push_back(message);
    }
    return covering;
  }

  std::vector<std::string> all;
  uint64_t events = 0;
};

TEST(AnyRangeIsAnsweredWithItsVeryMessages) {
  const TemporaryFolder folder;
  EventLog log(folder / "events.log", {256, 1000});
  const FilledLog filled(&log, 200);
  for (uint64_t from = 0; from < filled.events + 3; from += 7) {
    for (const uint64_t length : {1u, 2u, 13u, 100'000u}) {
      CHECK(log.Read(from, from + length, 1000) == filled.Covering(from, from + length));
    }
  }
}

TEST(AnAnswerIsLimited) {
  const TemporaryFolder folder;
  EventLog log(folder / "events.log");
  const FilledLog filled(&log, 200);
  const std::vector<std::string> first = log.Read(0, filled.events, 64);
  CHECK_EQ(first.size(), 64u);
  CHECK(first == std::vector<std::string>(filled.all.begin(), filled.all.begin() + 64));
}

TEST(TheIndexStaysSmallAndStillFinds) {
  const TemporaryFolder folder;
  EventLog log(folder / "events.log", {1, 8});
  const FilledLog filled(&log, 5000);
  CHECK(log.landmarks() <= 8);
  CHECK(log.landmarks() >= 2);
  for (uint64_t from = 0; from < filled.events; from += 997) {
    CHECK(log.Read(from, from + 10, 64) == filled.Covering(from, from + 10));
  }
}

TEST(TheLogIsTheStream) {
  const TemporaryFolder folder;
  EventLog log(folder / "events.log");
  const FilledLog filled(&log, 50);
  const MessageList list = ListEvents(ReadFile(folder / "events.log"));
  CHECK(list.bad == BadReason::kNone);
  CHECK_EQ(list.Events().size(), filled.events);
}

TEST(AnotherRunsLogIsRefused) {
  const TemporaryFolder folder;
  WriteFile(folder / "events.log", "x");
  CHECK_THROWS(FileError, EventLog(folder / "events.log"), "already holds 1 bytes of another run");
  CHECK_THROWS(FileError, EventLog(folder / "none/events.log"), "cannot create");
}

TEST(AFullDiskIsSaidOnceAndStopsTheLog) {
  EventLog log("/dev/full");
  MessageHeader header;
  header.message = JS_MESSAGE_EVENTS;
  log.Append("message", header);
  CHECK(log.failure().find("cannot append to /dev/full after 0 bytes: No space left on device") == 0);
  log.Append("message", header);
  CHECK(log.Read(0, 10, 64).empty());
}

}  // namespace
}  // namespace joulespan::test
