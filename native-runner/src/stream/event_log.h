// The append-only event log: the very bytes that were published, and where to find a sequence in them.
#ifndef JOULESPAN_STREAM_EVENT_LOG_H_
#define JOULESPAN_STREAM_EVENT_LOG_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "stream/append_file.h"
#include "wire/message.h"

namespace joulespan {

// A landmark every `spacing_bytes` of log. When there are too many every other one goes and the spacing doubles: weeks
// of events cost at most 1 MiB of memory, and a fill reads a few headers more.
struct EventLogIndexLimits {
  uint64_t spacing_bytes = 65'536;
  size_t landmarks_max = 65'536;
};

// Append from one thread, Read from any.
class EventLog {
 public:
  explicit EventLog(const std::string& path, EventLogIndexLimits limits = {})
      : file_(path), landmarks_max_(limits.landmarks_max), spacing_bytes_(limits.spacing_bytes) {}

  void Append(std::string_view message, const MessageHeader& header);

  // The events messages that hold any event of [from, to), byte for byte, in order, at most `max_messages`.
  std::vector<std::string> Read(uint64_t from, uint64_t to, size_t max_messages) const;

  void Sync() { file_.Sync(); }
  const std::string& failure() const { return file_.failure(); }
  size_t landmarks() const { return index_.size(); }

 private:
  struct Landmark {
    uint64_t first_sequence = 0;
    uint64_t offset = 0;
  };

  AppendFile file_;
  const size_t landmarks_max_;
  mutable std::mutex mutex_;  // guards what follows
  uint64_t spacing_bytes_;
  uint64_t end_ = 0;
  std::vector<Landmark> index_;
};

}  // namespace joulespan

#endif  // JOULESPAN_STREAM_EVENT_LOG_H_
