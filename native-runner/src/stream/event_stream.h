// Turns batches of events into the messages of one stream (protocol/event.md): sequences, watermarks, the dictionary
// and heartbeats. No clock, no socket, no file: live and simulated runs share it.
#ifndef JOULESPAN_STREAM_EVENT_STREAM_H_
#define JOULESPAN_STREAM_EVENT_STREAM_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "clock/monotonic_clock.h"
#include "clock/told_clock.h"
#include "wire/event.h"
#include "wire/message.h"

namespace joulespan {

using MessageSink = std::function<void(std::string_view bytes, const MessageHeader& header)>;

constexpr int64_t kHeartbeatNs = 100 * kNsPerMs;
constexpr int64_t kDictionaryNs = 5 * kNsPerS;

class EventStream {
 public:
  EventStream(uint64_t source_id, std::string dictionary, MessageSink sink, ToldClock told = {})
      : source_id_(source_id), dictionary_(std::move(dictionary)), sink_(std::move(sink)), told_(told) {}

  // `events` in order of time, all before `watermark_ns` and none before the last one; may be empty. Sends the
  // dictionary first when it is due, a heartbeat when nothing else was sent for long.
  void Publish(int64_t now_ns, const std::vector<Event>& events, int64_t watermark_ns);

  // For a subscriber that just joined.
  void SendDictionary(int64_t now_ns);

  void End(int64_t now_ns);

  // When Publish must be called next if there are no events.
  int64_t NextDueNs() const;
  bool IsDictionaryDue(int64_t now_ns) const { return now_ns >= dictionary_due_ns_; }

  uint64_t events() const { return next_sequence_; }

 private:
  void Send(uint8_t message, uint32_t count, std::string_view body, int64_t now_ns,
            uint8_t version = JS_PROTOCOL_VERSION);

  const uint64_t source_id_;
  const std::string dictionary_;
  const MessageSink sink_;
  const ToldClock told_;
  std::vector<Event> told_events_;
  uint64_t next_sequence_ = 0;
  int64_t watermark_ns_ = 0;
  int64_t dictionary_due_ns_ = 0;
  int64_t heartbeat_due_ns_ = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_STREAM_EVENT_STREAM_H_
