// The messages of the virtual card's power feed (protocol/power.md).
#ifndef JOULESPAN_STREAM_POWER_STREAM_H_
#define JOULESPAN_STREAM_POWER_STREAM_H_

#include <cstdint>
#include <map>
#include <vector>

#include "stream/event_stream.h"
#include "wire/power_record.h"

namespace joulespan {

class PowerStream {
 public:
  PowerStream(uint64_t source_id, MessageSink sink) : source_id_(source_id), sink_(std::move(sink)) {}

  // None of `records` before the last watermark. No records: nothing is sent.
  void Publish(const std::vector<PowerRecord>& records, int64_t watermark_ns);
  void Heartbeat(int64_t watermark_ns);

  // Every device's present idle level once more, with the time since when it holds: for who joined late. Whoever knows
  // them already finds nothing new; they are older than the watermark.
  void RepeatIdleLevels();

  void End(int64_t watermark_ns);

 private:
  void SendRecords(const PowerRecord* records, size_t count);
  void Send(uint8_t message, uint32_t count, std::string_view body, uint8_t version = JS_PROTOCOL_VERSION);

  const uint64_t source_id_;
  const MessageSink sink_;
  uint64_t next_sequence_ = 0;
  int64_t watermark_ns_ = 0;
  std::map<uint16_t, PowerRecord> idle_levels_;  // by device
};

}  // namespace joulespan

#endif  // JOULESPAN_STREAM_POWER_STREAM_H_
