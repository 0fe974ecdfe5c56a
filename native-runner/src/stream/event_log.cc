#include "stream/event_log.h"

#include <algorithm>
#include <cstring>

#include "joulespan_protocol.h"

namespace joulespan {

void EventLog::Append(std::string_view message, const MessageHeader& header) {
  const uint64_t offset = file_.size();
  file_.Append(message);
  const std::lock_guard<std::mutex> lock(mutex_);
  end_ = file_.size();
  if (header.message != JS_MESSAGE_EVENTS || end_ == offset) return;
  if (!index_.empty() && offset - index_.back().offset < spacing_bytes_) return;
  if (index_.size() >= landmarks_max_) {
    for (size_t i = 0; 2 * i < index_.size(); ++i) index_[i] = index_[2 * i];
    index_.resize((index_.size() + 1) / 2);
    spacing_bytes_ *= 2;
  }
  index_.push_back(Landmark{header.first_sequence, offset});
}

std::vector<std::string> EventLog::Read(uint64_t from, uint64_t to, size_t max_messages) const {
  uint64_t offset = 0;
  uint64_t end = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto after =
        std::upper_bound(index_.begin(), index_.end(), from,
                         [](uint64_t sequence, const Landmark& mark) { return sequence < mark.first_sequence; });
    offset = after == index_.begin() ? 0 : std::prev(after)->offset;
    end = end_;
  }
  std::vector<std::string> messages;
  MessageHeader header;
  while (offset + sizeof(header) <= end && messages.size() < max_messages) {
    if (!file_.ReadAt(offset, sizeof(header), reinterpret_cast<char*>(&header))) break;
    const bool is_events = header.message == JS_MESSAGE_EVENTS;
    if (is_events && header.first_sequence >= to) break;
    const size_t size = sizeof(header) + (is_events ? size_t{header.count} * JS_EVENT_BYTES : header.count);
    if (is_events && header.first_sequence + header.count > from) {
      std::string message(size, '\0');
      if (!file_.ReadAt(offset, size, message.data())) break;
      messages.push_back(std::move(message));
    }
    offset += size;
  }
  return messages;
}

}  // namespace joulespan
