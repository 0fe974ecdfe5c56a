#include "power_log_writer.h"

#include <string.h>
#include <zlib.h>

#include "joulespan_protocol.h"
#include "little_endian.h"

static uint32_t add_stage(card_activity_t *activity, int device, power_record_t *records);
static double next_unit(uint64_t *random);

size_t power_message_write(uint8_t *bytes, uint8_t message, uint64_t source_id, int64_t watermark_ns,
                           const power_record_t *records, uint32_t count) {
  size_t size = JS_EVENT_HEADER_BYTES + (size_t)count * JS_POWER_RECORD_BYTES;
  memset(bytes, 0, size);
  store_u32le(bytes, JS_POWER_MAGIC);
  bytes[JS_EVENT_AT_VERSION] = JS_PROTOCOL_VERSION;
  bytes[JS_EVENT_AT_MESSAGE] = message;
  store_u64le(bytes + JS_EVENT_AT_SOURCE_ID, source_id);
  store_u64le(bytes + JS_EVENT_AT_WATERMARK_NS, (uint64_t)watermark_ns);
  store_u32le(bytes + JS_EVENT_AT_COUNT, count);
  for (uint32_t i = 0; i < count; i++) {
    uint8_t *at = bytes + JS_EVENT_HEADER_BYTES + i * JS_POWER_RECORD_BYTES;
    store_u64le(at, (uint64_t)records[i].t_ns);
    store_u32le(at + 8, records[i].duration_ns);
    store_f32le(at + 12, records[i].watts_start);
    store_f32le(at + 16, records[i].watts_end);
    store_u32le(at + 20, records[i].span_id);
    store_u32le(at + 24, records[i].inference_id);
    store_u16le(at + 28, records[i].device);
    store_u16le(at + 30, records[i].model);
    store_u16le(at + 32, records[i].segment);
    at[34] = records[i].type;
    at[35] = records[i].kind;
    if (records[i].type == JS_POWER_MARKER) bytes[JS_EVENT_AT_VERSION] = JS_POWER_VERSION_MARKER;
  }
  uLong crc = crc32(0, bytes, JS_EVENT_AT_CRC);
  crc = crc32(crc, bytes + JS_EVENT_HEADER_BYTES, (uInt)(size - JS_EVENT_HEADER_BYTES));
  store_u32le(bytes + JS_EVENT_AT_CRC, (uint32_t)crc);
  return size;
}

card_activity_t card_activity_start(int devices, double load, int64_t start_ns) {
  card_activity_t activity = {
      .devices = devices, .load = load, .idle_w = 0.6, .transfer_w = 0.5, .compute_w = 1.4, .next_span = 1};
  for (int i = 0; i < devices; i++) {
    activity.device[i].random = 0x9E3779B97F4A7C15ULL * (uint64_t)(i + 1);
    activity.device[i].free_ns = start_ns + (int64_t)(next_unit(&activity.device[i].random) * 5e6);
  }
  return activity;
}

uint32_t card_activity_until(card_activity_t *activity, int64_t until_ns, power_record_t *records, uint32_t room) {
  uint32_t count = 0;
  for (int i = 0; i < activity->devices; i++)
    while (activity->device[i].free_ns < until_ns && count + 3 <= room)
      count += add_stage(activity, i, records + count);
  return count;
}

uint32_t card_activity_idle_levels(const card_activity_t *activity, int64_t t_ns, power_record_t *records) {
  for (int i = 0; i < activity->devices; i++)
    records[i] = (power_record_t){.t_ns = t_ns,
                                  .watts_start = (float)activity->idle_w,
                                  .watts_end = (float)activity->idle_w,
                                  .inference_id = JS_NONE32,
                                  .device = (uint16_t)i,
                                  .type = JS_POWER_IDLE_LEVEL,
                                  .kind = JS_KIND_STATE};
  return (uint32_t)activity->devices;
}

static uint32_t add_stage(card_activity_t *activity, int device, power_record_t *records) {
  uint64_t *random = &activity->device[device].random;
  int64_t at_ns = activity->device[device].free_ns;
  uint32_t lengths_ns[3] = {(uint32_t)(100e3 + 100e3 * next_unit(random)), (uint32_t)(1e6 + 3e6 * next_unit(random)),
                            150000};
  float scale = (float)(0.97 + 0.06 * next_unit(random));
  float start_w[3] = {0.1f, (float)activity->compute_w * scale, (float)activity->transfer_w};
  float end_w[3] = {(float)activity->transfer_w, (float)activity->compute_w * scale, 0.05f};
  int64_t busy_ns = 0;
  for (int i = 0; i < 3; i++) {
    records[i] = (power_record_t){.t_ns = at_ns + busy_ns,
                                  .duration_ns = lengths_ns[i],
                                  .watts_start = start_w[i],
                                  .watts_end = end_w[i],
                                  .span_id = activity->next_span,
                                  .inference_id = activity->next_span,
                                  .device = (uint16_t)device,
                                  .segment = (uint16_t)device,
                                  .type = JS_POWER_PHASE,
                                  .kind = JS_KIND_STAGE};
    busy_ns += lengths_ns[i];
  }
  activity->next_span++;
  double gap_ns = (double)busy_ns * (1 - activity->load) / activity->load;
  activity->device[device].free_ns = at_ns + busy_ns + (int64_t)(gap_ns * (0.5 + next_unit(random)));
  return 3;
}

/* A generator of its own: the code under test must not shape its own input. */
static double next_unit(uint64_t *random) {
  *random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*random >> 33) * 0x1p-31;
}
