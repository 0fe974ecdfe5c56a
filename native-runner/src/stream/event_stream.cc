#include "stream/event_stream.h"

#include <algorithm>

namespace joulespan {

void EventStream::Publish(int64_t now_ns, const std::vector<Event>& own_events, int64_t watermark_ns) {
  told_events_ = own_events;
  for (Event& event : told_events_) event.t_ns = told_.Tell(event.t_ns);
  const std::vector<Event>& events = told_events_;
  watermark_ns = told_.Tell(watermark_ns);
  // Before the events, so with the watermark before them too.
  if (IsDictionaryDue(now_ns)) SendDictionary(now_ns);
  for (size_t first = 0; first < events.size(); first += JS_EVENT_MESSAGE_MAX) {
    const size_t end = std::min<size_t>(first + JS_EVENT_MESSAGE_MAX, events.size());
    watermark_ns_ = end < events.size() ? events[end].t_ns : watermark_ns;
    const std::string_view body(reinterpret_cast<const char*>(&events[first]), (end - first) * sizeof(Event));
    Send(JS_MESSAGE_EVENTS, static_cast<uint32_t>(end - first), body, now_ns,
         EventsVersion(&events[first], end - first));
  }
  watermark_ns_ = watermark_ns;
  if (now_ns >= heartbeat_due_ns_) Send(JS_MESSAGE_HEARTBEAT, 0, {}, now_ns);
}

void EventStream::SendDictionary(int64_t now_ns) {
  dictionary_due_ns_ = now_ns + kDictionaryNs;
  Send(JS_MESSAGE_DICTIONARY, static_cast<uint32_t>(dictionary_.size()), dictionary_, now_ns);
}

void EventStream::End(int64_t now_ns) { Send(JS_MESSAGE_END, 0, {}, now_ns); }

int64_t EventStream::NextDueNs() const { return std::min(dictionary_due_ns_, heartbeat_due_ns_); }

void EventStream::Send(uint8_t message, uint32_t count, std::string_view body, int64_t now_ns, uint8_t version) {
  MessageHeader header;
  header.version = version;
  header.magic = JS_EVENT_MAGIC;
  header.message = message;
  header.source_id = source_id_;
  header.first_sequence = next_sequence_;
  header.watermark_ns = watermark_ns_;
  header.count = count;
  if (message == JS_MESSAGE_EVENTS) next_sequence_ += count;
  heartbeat_due_ns_ = now_ns + kHeartbeatNs;
  sink_(EncodeMessage(header, body), header);
}

}  // namespace joulespan
