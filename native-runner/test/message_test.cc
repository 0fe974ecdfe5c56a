// The codec of event and power messages, against the golden vectors that every language must decode alike.
#include "wire/message.h"

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "stream/event_stream.h"
#include "support/message_list.h"
#include "support/temporary_folder.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

using nlohmann::json;

uint64_t Decimal(const json& text) { return std::stoull(text.get<std::string>()); }

void CheckEvent(const Event& event, const json& expected) {
  CHECK_EQ(static_cast<uint64_t>(event.t_ns), Decimal(expected["t_ns"]));
  CHECK_EQ(event.span_id, expected["span_id"].get<uint32_t>());
  CHECK_EQ(event.inference_id, expected["inference_id"].get<uint32_t>());
  CHECK_EQ(int{event.kind}, expected["kind"].get<int>());
  CHECK_EQ(int{event.edge}, expected["edge"].get<int>());
  CHECK_EQ(event.device, expected["device"].get<uint16_t>());
  CHECK_EQ(event.model, expected["model"].get<uint16_t>());
  CHECK_EQ(event.segment, expected["segment"].get<uint16_t>());
  CHECK_EQ(event.task, expected["task"].get<uint16_t>());
  CHECK_EQ(event.value, expected["value"].get<uint16_t>());
  CHECK_EQ(event.bracket_ns, expected.value("bracket_ns", 0u));
}

void CheckPower(const PowerRecord& record, const json& expected) {
  CHECK_EQ(static_cast<uint64_t>(record.t_ns), Decimal(expected["t_ns"]));
  CHECK_EQ(record.duration_ns, expected["duration_ns"].get<uint32_t>());
  CHECK_EQ(record.watts_start, expected["watts_start"].get<float>());
  CHECK_EQ(record.watts_end, expected["watts_end"].get<float>());
  CHECK_EQ(record.span_id, expected["span_id"].get<uint32_t>());
  CHECK_EQ(record.inference_id, expected["inference_id"].get<uint32_t>());
  CHECK_EQ(record.device, expected["device"].get<uint16_t>());
  CHECK_EQ(record.model, expected["model"].get<uint16_t>());
  CHECK_EQ(record.segment, expected["segment"].get<uint16_t>());
  CHECK_EQ(int{record.type}, expected["type"].get<int>());
  CHECK_EQ(int{record.kind}, expected["kind"].get<int>());
}

void CheckMessage(const ListedMessage& message, const json& expected) {
  CHECK_EQ(int{message.header.message}, expected["message"].get<int>());
  CHECK_EQ(message.header.source_id, std::stoull(expected["source_id"].get<std::string>(), nullptr, 16));
  CHECK_EQ(message.header.first_sequence, expected["first_sequence"].get<uint64_t>());
  CHECK_EQ(static_cast<uint64_t>(message.header.watermark_ns), Decimal(expected["watermark_ns"]));
  CHECK_EQ(message.header.count, expected["count"].get<uint32_t>());
  if (expected.contains("events")) {
    const std::vector<Event> events = EventsOf(message);
    CHECK_EQ(events.size(), expected["events"].size());
    for (size_t i = 0; i < events.size(); ++i) CheckEvent(events[i], expected["events"][i]);
  }
  if (expected.contains("records")) {
    const std::vector<PowerRecord> records = PowersOf(message);
    CHECK_EQ(records.size(), expected["records"].size());
    for (size_t i = 0; i < records.size(); ++i) CheckPower(records[i], expected["records"][i]);
  }
  if (expected.contains("dictionary")) CHECK(json::parse(message.body()) == expected["dictionary"]);
  // The encoder gives the very bytes back.
  CHECK(EncodeMessage(message.header, message.body()) == message.bytes);
}

void CheckVectors(const std::string& folder, MessageList (*list_messages)(std::string_view)) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(JOULESPAN_VECTORS) + "/" + folder)) {
    if (entry.path().extension() == ".bin") files.insert(entry.path());
  }
  CHECK(!files.empty());
  for (const std::filesystem::path& file : files) {
    try {
      const json expected = json::parse(ReadFile(std::filesystem::path(file).replace_extension(".json").string()));
      const std::string bytes = ReadFile(file.string());
      const MessageList list = list_messages(bytes);
      CHECK_EQ(list.messages.size(), expected["messages"].size());
      for (size_t i = 0; i < list.messages.size(); ++i) CheckMessage(list.messages[i], expected["messages"][i]);
      CHECK_EQ(expected["bad"].size(), size_t{list.bad != BadReason::kNone});
      if (list.bad != BadReason::kNone) {
        CHECK_EQ(list.end, expected["bad"][0]["offset"].get<size_t>());
        CHECK_EQ(std::string(BadReasonName(list.bad)), expected["bad"][0]["reason"].get<std::string>());
      } else {
        CHECK_EQ(bytes.size() - list.end, expected["rest"].get<size_t>());
      }
    } catch (const std::exception& error) {
      throw TestFailure(file.string() + ": " + error.what());
    }
  }
}

std::string SampleMessage() {
  std::vector<Event> events(3);
  for (Event& event : events) {
    event.t_ns = 1000 + (&event - events.data());
    event.kind = JS_KIND_STAGE;
  }
  std::string bytes;
  EventStream stream(42, "{}", [&bytes](std::string_view message, const MessageHeader&) { bytes = message; });
  stream.Publish(0, events, 2000);
  return bytes;
}

TEST(EventVectorsDecode) { CheckVectors("event", ListEvents); }

TEST(PowerVectorsDecode) { CheckVectors("power", ListPowers); }

TEST(EveryTruncationIsIncomplete) {
  const std::string bytes = SampleMessage();
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK(DecodeEventMessage(std::string_view(bytes).substr(0, size)).status == DecodeStatus::kIncomplete);
  }
  CHECK(DecodeEventMessage(bytes).status == DecodeStatus::kMessage);
}

TEST(NoFlippedBitIsTakenForAMessage) {
  const std::string bytes = SampleMessage();
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK(DecodeEventMessage(flipped).status != DecodeStatus::kMessage);
  }
}

TEST(PowerMessagesAreNotEventMessages) { CHECK(DecodePowerMessage(SampleMessage()).reason == BadReason::kMagic); }

}  // namespace
}  // namespace joulespan::test
