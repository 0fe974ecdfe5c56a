// A file that only grows, by whole messages.
#ifndef JOULESPAN_STREAM_APPEND_FILE_H_
#define JOULESPAN_STREAM_APPEND_FILE_H_

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace joulespan {

class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Appended by one thread; ReadAt may be called from any other below a size it was told of.
class AppendFile {
 public:
  // Creates it. A file that already holds something is refused (FileError): it belongs to another run.
  explicit AppendFile(const std::string& path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // After the first failure the file is cut back to its last whole message and nothing is appended any more.
  void Append(std::string_view message);

  // Of one line; empty while all is well.
  const std::string& failure() const { return failure_; }
  uint64_t size() const { return size_; }

  // Reads exactly `bytes` from `offset`; false when they are not there.
  bool ReadAt(uint64_t offset, size_t bytes, char* to) const;

  // Until it returns, what was appended may be lost with the machine's power.
  void Sync();

 private:
  void Fail(const std::string& what);

  const std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  std::string failure_;
};

}  // namespace joulespan

#endif  // JOULESPAN_STREAM_APPEND_FILE_H_
