// Messages of both streams, events (protocol/event.md) and powers (protocol/power.md): one header, two magics.
#ifndef JOULESPAN_WIRE_MESSAGE_H_
#define JOULESPAN_WIRE_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "joulespan_protocol.h"
#include "wire/event.h"
#include "wire/power_record.h"

namespace joulespan {

struct MessageHeader {
  uint32_t magic = 0;
  uint8_t version = JS_PROTOCOL_VERSION;
  uint8_t message = 0;
  uint16_t reserved = 0;
  uint64_t source_id = 0;
  uint64_t first_sequence = 0;
  int64_t watermark_ns = 0;
  uint32_t count = 0;
  uint32_t crc = 0;
};

static_assert(sizeof(MessageHeader) == JS_EVENT_HEADER_BYTES);
static_assert(offsetof(MessageHeader, version) == JS_EVENT_AT_VERSION);
static_assert(offsetof(MessageHeader, message) == JS_EVENT_AT_MESSAGE);
static_assert(offsetof(MessageHeader, source_id) == JS_EVENT_AT_SOURCE_ID);
static_assert(offsetof(MessageHeader, first_sequence) == JS_EVENT_AT_FIRST_SEQUENCE);
static_assert(offsetof(MessageHeader, watermark_ns) == JS_EVENT_AT_WATERMARK_NS);
static_assert(offsetof(MessageHeader, count) == JS_EVENT_AT_COUNT);
static_assert(offsetof(MessageHeader, crc) == JS_EVENT_AT_CRC);

// `header.crc` is computed here; `body` must be as long as `header.count` says.
std::string EncodeMessage(MessageHeader header, std::string_view body);

// The lowest version that can say it.
uint8_t EventsVersion(const Event* events, size_t count);
uint8_t PowersVersion(const PowerRecord* records, size_t count);

enum class DecodeStatus { kMessage, kIncomplete, kBad };
enum class BadReason { kNone, kMagic, kVersion, kLength, kCrc, kBody };

const char* BadReasonName(BadReason reason);

struct DecodedMessage {
  DecodeStatus status = DecodeStatus::kIncomplete;
  BadReason reason = BadReason::kNone;
  MessageHeader header;
  std::string_view body;  // points into the bytes given
  size_t size = 0;        // of the whole message
};

// The message that starts at the first of `bytes`: a log is a concatenation of them. A complete header is enough for
// every answer but kMessage, kCrc and kBody.
DecodedMessage DecodeEventMessage(std::string_view bytes);
DecodedMessage DecodePowerMessage(std::string_view bytes);

}  // namespace joulespan

#endif  // JOULESPAN_WIRE_MESSAGE_H_
