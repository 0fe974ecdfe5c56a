#include "wire/message.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "wire/event.h"
#include "wire/power_record.h"

namespace joulespan {
namespace {

// Longest dictionary accepted: names of a few thousand tasks, models and devices. It bounds what a flipped bit in
// `count` can make a reader wait for.
constexpr uint32_t kDictionaryBytesMax = 1u << 20;

using BodySize = std::optional<size_t> (*)(const MessageHeader&);
using BodyCheck = bool (*)(const MessageHeader&, std::string_view body);

DecodedMessage Decode(std::string_view bytes, uint32_t magic, uint8_t newest, BodySize body_size_of, BodyCheck is_sound);
std::optional<size_t> EventBodySize(const MessageHeader& header);
std::optional<size_t> PowerBodySize(const MessageHeader& header);
bool AreEventsSound(const MessageHeader& header, std::string_view body);
bool ArePowersSound(const MessageHeader& header, std::string_view body);

uint32_t Crc(const MessageHeader& header, std::string_view body) {
  const uLong head = crc32(0, reinterpret_cast<const Bytef*>(&header), JS_EVENT_AT_CRC);
  if (body.empty()) return static_cast<uint32_t>(head);  // zlib answers a null pointer with 0, not with `head`
  return static_cast<uint32_t>(crc32_z(head, reinterpret_cast<const Bytef*>(body.data()), body.size()));
}

}  // namespace

std::string EncodeMessage(MessageHeader header, std::string_view body) {
  header.crc = Crc(header, body);
  std::string bytes(sizeof(header) + body.size(), '\0');
  std::memcpy(bytes.data(), &header, sizeof(header));
  if (!body.empty()) std::memcpy(bytes.data() + sizeof(header), body.data(), body.size());
  return bytes;
}

uint8_t EventsVersion(const Event* events, size_t count) {
  const bool has_marker =
      std::any_of(events, events + count, [](const Event& event) { return event.kind == JS_KIND_MARKER; });
  return has_marker ? JS_EVENT_VERSION_MARKER : JS_PROTOCOL_VERSION;
}

uint8_t PowersVersion(const PowerRecord* records, size_t count) {
  const bool has_marker =
      std::any_of(records, records + count, [](const PowerRecord& record) { return record.type == JS_POWER_MARKER; });
  return has_marker ? JS_POWER_VERSION_MARKER : JS_PROTOCOL_VERSION;
}

const char* BadReasonName(BadReason reason) {
  switch (reason) {
    case BadReason::kMagic:
      return "magic";
    case BadReason::kVersion:
      return "version";
    case BadReason::kLength:
      return "length";
    case BadReason::kCrc:
      return "crc";
    case BadReason::kBody:
      return "body";
    case BadReason::kNone:
      break;
  }
  return "none";
}

DecodedMessage DecodeEventMessage(std::string_view bytes) {
  return Decode(bytes, JS_EVENT_MAGIC, JS_EVENT_VERSION_MARKER, EventBodySize, AreEventsSound);
}

DecodedMessage DecodePowerMessage(std::string_view bytes) {
  return Decode(bytes, JS_POWER_MAGIC, JS_POWER_VERSION_MARKER, PowerBodySize, ArePowersSound);
}

namespace {

DecodedMessage Bad(BadReason reason) {
  DecodedMessage answer;
  answer.status = DecodeStatus::kBad;
  answer.reason = reason;
  return answer;
}

DecodedMessage Decode(std::string_view bytes, uint32_t magic, uint8_t newest, BodySize body_size_of,
                      BodyCheck is_sound) {
  DecodedMessage answer;
  if (bytes.size() < sizeof(MessageHeader)) return answer;
  std::memcpy(&answer.header, bytes.data(), sizeof(MessageHeader));
  if (answer.header.magic != magic) return Bad(BadReason::kMagic);
  if (answer.header.version == 0 || answer.header.version > newest) return Bad(BadReason::kVersion);
  const std::optional<size_t> body_size = body_size_of(answer.header);
  if (!body_size) return Bad(BadReason::kLength);
  if (bytes.size() < sizeof(MessageHeader) + *body_size) return answer;
  answer.body = bytes.substr(sizeof(MessageHeader), *body_size);
  if (Crc(answer.header, answer.body) != answer.header.crc) return Bad(BadReason::kCrc);
  if (!is_sound(answer.header, answer.body)) return Bad(BadReason::kBody);
  answer.size = sizeof(MessageHeader) + *body_size;
  answer.status = DecodeStatus::kMessage;
  return answer;
}

std::optional<size_t> RecordsSize(uint32_t count, size_t record_bytes) {
  if (count > JS_EVENT_MESSAGE_MAX) return std::nullopt;
  return count * record_bytes;
}

std::optional<size_t> EmptySize(uint32_t count) { return count == 0 ? std::optional<size_t>(0) : std::nullopt; }

std::optional<size_t> EventBodySize(const MessageHeader& header) {
  switch (header.message) {
    case JS_MESSAGE_EVENTS:
      return RecordsSize(header.count, sizeof(Event));
    case JS_MESSAGE_DICTIONARY:
      return header.count <= kDictionaryBytesMax ? std::optional<size_t>(header.count) : std::nullopt;
    case JS_MESSAGE_HEARTBEAT:
    case JS_MESSAGE_END:
      return EmptySize(header.count);
    default:
      return std::nullopt;
  }
}

std::optional<size_t> PowerBodySize(const MessageHeader& header) {
  switch (header.message) {
    case JS_POWER_MESSAGE_RECORDS:
      return RecordsSize(header.count, sizeof(PowerRecord));
    case JS_MESSAGE_HEARTBEAT:
    case JS_MESSAGE_END:
      return EmptySize(header.count);
    default:
      return std::nullopt;
  }
}

bool AreEventsSound(const MessageHeader& header, std::string_view body) {
  if (header.message != JS_MESSAGE_EVENTS) return true;
  for (uint32_t i = 0; i < header.count; ++i) {
    Event event;
    std::memcpy(&event, body.data() + i * sizeof(Event), sizeof(Event));
    const uint8_t last_kind = header.version < JS_EVENT_VERSION_MARKER ? JS_KIND_STATE : JS_KIND_MARKER;
    if (event.kind < JS_KIND_INFERENCE || event.kind > last_kind || event.edge > JS_EDGE_INSTANT) return false;
    if ((event.kind >= JS_KIND_STATE) != (event.edge == JS_EDGE_INSTANT)) return false;
    if (event.kind == JS_KIND_MARKER && event.value > 1) return false;
  }
  return true;
}

bool ArePowersSound(const MessageHeader& header, std::string_view body) {
  for (uint32_t i = 0; i < header.count; ++i) {
    PowerRecord record;
    std::memcpy(&record, body.data() + i * sizeof(PowerRecord), sizeof(PowerRecord));
    if (record.type == JS_POWER_MARKER && header.version >= JS_POWER_VERSION_MARKER) {
      if (record.kind != JS_KIND_MARKER || record.segment > 1) return false;
      continue;
    }
    if (record.type > JS_POWER_PHASE || record.kind < JS_KIND_STAGE || record.kind > JS_KIND_STATE) return false;
    if ((record.kind == JS_KIND_STATE) != (record.type == JS_POWER_IDLE_LEVEL)) return false;
  }
  return true;
}

}  // namespace
}  // namespace joulespan
