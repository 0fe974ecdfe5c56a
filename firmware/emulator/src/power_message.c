#include "power_message.h"

#include <inttypes.h>
#include <math.h>
#include <zlib.h>

#include "board.h"
#include "joulespan_protocol.h"
#include "little_endian.h"

/* A header claims its own length: more than this is a broken one, not a batch of 1 ms. */
enum { RECORDS_MAX = 1 << 16 };

static bool record_check(const power_record_t *record, uint32_t index, failure_t *failure);

size_t power_message_size(const uint8_t *header) {
  if (load_u32le(header) != JS_POWER_MAGIC || header[JS_EVENT_AT_VERSION] == 0 ||
      header[JS_EVENT_AT_VERSION] > JS_POWER_VERSION_MARKER)
    return 0;
  uint8_t message = header[JS_EVENT_AT_MESSAGE];
  uint32_t count = load_u32le(header + JS_EVENT_AT_COUNT);
  if (message == JS_POWER_MESSAGE_RECORDS)
    return count <= RECORDS_MAX ? JS_EVENT_HEADER_BYTES + (size_t)count * JS_POWER_RECORD_BYTES : 0;
  if (message == JS_MESSAGE_HEARTBEAT || message == JS_MESSAGE_END) return count == 0 ? JS_EVENT_HEADER_BYTES : 0;
  return 0;
}

bool power_message_open(power_message_t *message, const uint8_t *bytes, size_t size, failure_t *failure) {
  if (size < JS_EVENT_HEADER_BYTES)
    return failure_set(failure, "power message: expected at least %d bytes, saw %zu", JS_EVENT_HEADER_BYTES, size);
  size_t expected = power_message_size(bytes);
  if (expected == 0) return failure_set(failure, "power message: magic, version, kind or count is not one of power.md");
  if (expected != size) return failure_set(failure, "power message: header says %zu bytes, saw %zu", expected, size);
  uLong crc = crc32(0, bytes, JS_EVENT_AT_CRC);
  crc = crc32(crc, bytes + JS_EVENT_HEADER_BYTES, (uInt)(size - JS_EVENT_HEADER_BYTES));
  uint32_t stated = load_u32le(bytes + JS_EVENT_AT_CRC);
  if (crc != stated) return failure_set(failure, "power message: crc %08lx, stated %08" PRIx32, crc, stated);
  *message = (power_message_t){.bytes = bytes,
                               .message = bytes[JS_EVENT_AT_MESSAGE],
                               .source_id = load_u64le(bytes + JS_EVENT_AT_SOURCE_ID),
                               .watermark_ns = (int64_t)load_u64le(bytes + JS_EVENT_AT_WATERMARK_NS),
                               .count = load_u32le(bytes + JS_EVENT_AT_COUNT)};
  for (uint32_t i = 0; i < message->count; i++) {
    power_record_t record = power_message_record(message, i);
    if (record.type == JS_POWER_MARKER && bytes[JS_EVENT_AT_VERSION] < JS_POWER_VERSION_MARKER)
      return failure_set(failure, "power record %" PRIu32 ": a marker in a message of version %u", i,
                         bytes[JS_EVENT_AT_VERSION]);
    if (!record_check(&record, i, failure)) return false;
  }
  return true;
}

power_record_t power_message_record(const power_message_t *message, uint32_t index) {
  const uint8_t *at = message->bytes + JS_EVENT_HEADER_BYTES + (size_t)index * JS_POWER_RECORD_BYTES;
  return (power_record_t){.t_ns = (int64_t)load_u64le(at),
                          .duration_ns = load_u32le(at + 8),
                          .watts_start = load_f32le(at + 12),
                          .watts_end = load_f32le(at + 16),
                          .span_id = load_u32le(at + 20),
                          .inference_id = load_u32le(at + 24),
                          .device = load_u16le(at + 28),
                          .model = load_u16le(at + 30),
                          .segment = load_u16le(at + 32),
                          .type = at[34],
                          .kind = at[35]};
}

static bool record_check(const power_record_t *record, uint32_t index, failure_t *failure) {
  if (record->type == JS_POWER_MARKER)
    return record->segment <= 1 || failure_set(failure, "power record %" PRIu32 ": marker level %u is neither 0 nor 1",
                                               index, record->segment);
  if (record->type != JS_POWER_IDLE_LEVEL && record->type != JS_POWER_PHASE)
    return failure_set(failure, "power record %" PRIu32 ": type %u is neither idle level, phase nor marker", index,
                       record->type);
  if (record->device >= BOARD_DEVICES_MAX)
    return failure_set(failure, "power record %" PRIu32 ": device %u, at most %d are emulated", index, record->device,
                       BOARD_DEVICES_MAX - 1);
  if (!isfinite(record->watts_start) || !isfinite(record->watts_end))
    return failure_set(failure, "power record %" PRIu32 ": watts are not finite", index);
  return true;
}
