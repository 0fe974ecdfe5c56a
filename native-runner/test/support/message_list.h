// A log or a received stream, decoded.
#ifndef JOULESPAN_TEST_SUPPORT_MESSAGE_LIST_H_
#define JOULESPAN_TEST_SUPPORT_MESSAGE_LIST_H_

#include <string>
#include <string_view>
#include <vector>

#include "wire/event.h"
#include "wire/message.h"
#include "wire/power_record.h"

namespace joulespan::test {

struct ListedMessage {
  MessageHeader header;
  size_t offset = 0;
  std::string bytes;

  std::string_view body() const { return std::string_view(bytes).substr(sizeof(MessageHeader)); }
};

struct MessageList {
  std::vector<ListedMessage> messages;
  BadReason bad = BadReason::kNone;  // what ended it, if not the end of the bytes
  size_t end = 0;                    // offset of the first byte not decoded

  std::vector<const ListedMessage*> OfKind(uint8_t message) const;
  // All events, in order of sequence as they came.
  std::vector<Event> Events() const;
  std::vector<PowerRecord> Powers() const;
};

MessageList ListEvents(std::string_view bytes);
MessageList ListPowers(std::string_view bytes);

std::vector<Event> EventsOf(const ListedMessage& message);
std::vector<PowerRecord> PowersOf(const ListedMessage& message);

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_MESSAGE_LIST_H_
