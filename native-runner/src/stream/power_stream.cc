#include "stream/power_stream.h"

#include <algorithm>

namespace joulespan {

void PowerStream::Publish(const std::vector<PowerRecord>& records, int64_t watermark_ns) {
  for (const PowerRecord& record : records) {
    if (record.type == JS_POWER_IDLE_LEVEL) idle_levels_[record.device] = record;
  }
  for (size_t first = 0; first < records.size(); first += JS_EVENT_MESSAGE_MAX) {
    const size_t count = std::min<size_t>(JS_EVENT_MESSAGE_MAX, records.size() - first);
    // Records are in no order of time, so only the last message can promise the new watermark.
    if (first + count == records.size()) watermark_ns_ = watermark_ns;
    SendRecords(&records[first], count);
  }
}

void PowerStream::Heartbeat(int64_t watermark_ns) {
  watermark_ns_ = watermark_ns;
  Send(JS_MESSAGE_HEARTBEAT, 0, {});
}

void PowerStream::RepeatIdleLevels() {
  std::vector<PowerRecord> records;
  for (const auto& level : idle_levels_) records.push_back(level.second);
  if (!records.empty()) SendRecords(records.data(), records.size());
}

void PowerStream::End(int64_t watermark_ns) {
  watermark_ns_ = watermark_ns;
  Send(JS_MESSAGE_END, 0, {});
}

void PowerStream::SendRecords(const PowerRecord* records, size_t count) {
  Send(JS_POWER_MESSAGE_RECORDS, static_cast<uint32_t>(count),
       {reinterpret_cast<const char*>(records), count * sizeof(PowerRecord)}, PowersVersion(records, count));
}

void PowerStream::Send(uint8_t message, uint32_t count, std::string_view body, uint8_t version) {
  MessageHeader header;
  header.version = version;
  header.magic = JS_POWER_MAGIC;
  header.message = message;
  header.source_id = source_id_;
  header.first_sequence = next_sequence_;
  header.watermark_ns = watermark_ns_;
  header.count = count;
  next_sequence_ += count;
  sink_(EncodeMessage(header, body), header);
}

}  // namespace joulespan
