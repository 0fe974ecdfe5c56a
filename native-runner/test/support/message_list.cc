#include "message_list.h"

#include <cstring>

namespace joulespan::test {
namespace {

MessageList List(std::string_view bytes, DecodedMessage (*decode)(std::string_view)) {
  MessageList list;
  while (list.end < bytes.size()) {
    const DecodedMessage decoded = decode(bytes.substr(list.end));
    list.bad = decoded.reason;
    if (decoded.status != DecodeStatus::kMessage) break;
    list.messages.push_back({decoded.header, list.end, std::string(bytes.substr(list.end, decoded.size))});
    list.end += decoded.size;
  }
  return list;
}

template <typename Record>
std::vector<Record> RecordsOf(std::string_view body) {
  std::vector<Record> records(body.size() / sizeof(Record));
  if (!records.empty()) std::memcpy(records.data(), body.data(), body.size());
  return records;
}

}  // namespace

MessageList ListEvents(std::string_view bytes) { return List(bytes, DecodeEventMessage); }
MessageList ListPowers(std::string_view bytes) { return List(bytes, DecodePowerMessage); }

std::vector<Event> EventsOf(const ListedMessage& message) {
  return message.header.message == JS_MESSAGE_EVENTS ? RecordsOf<Event>(message.body()) : std::vector<Event>();
}

std::vector<PowerRecord> PowersOf(const ListedMessage& message) { return RecordsOf<PowerRecord>(message.body()); }

std::vector<const ListedMessage*> MessageList::OfKind(uint8_t message) const {
  std::vector<const ListedMessage*> found;
  for (const ListedMessage& candidate : messages) {
    if (candidate.header.message == message) found.push_back(&candidate);
  }
  return found;
}

std::vector<Event> MessageList::Events() const {
  std::vector<Event> events;
  for (const ListedMessage& message : messages) {
    for (const Event& event : EventsOf(message)) events.push_back(event);
  }
  return events;
}

std::vector<PowerRecord> MessageList::Powers() const {
  std::vector<PowerRecord> powers;
  for (const ListedMessage& message : messages) {
    for (const PowerRecord& record : PowersOf(message)) powers.push_back(record);
  }
  return powers;
}

}  // namespace joulespan::test
