#include "stream/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace joulespan {

AppendFile::AppendFile(const std::string& path) : path_(path) {
  fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) throw FileError("cannot create " + path + ": " + std::strerror(errno));
  struct stat status;
  if (fstat(fd_, &status) == 0 && status.st_size > 0) {
    close(fd_);
    throw FileError(path + " already holds " + std::to_string(status.st_size) +
                    " bytes of another run: name a new file");
  }
}

AppendFile::~AppendFile() { close(fd_); }

void AppendFile::Append(std::string_view message) {
  if (!failure_.empty()) return;
  for (std::string_view left = message; !left.empty();) {
    const ssize_t written = write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Fail("append to");
    left.remove_prefix(static_cast<size_t>(written));
  }
  size_ += message.size();
}

bool AppendFile::ReadAt(uint64_t offset, size_t bytes, char* to) const {
  while (bytes > 0) {
    const ssize_t got = pread(fd_, to, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<uint64_t>(got);
    to += got;
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

void AppendFile::Sync() {
  // A device or pipe as the log (EINVAL) has nothing to sync.
  if (failure_.empty() && fdatasync(fd_) != 0 && errno != EINVAL) Fail("sync");
}

void AppendFile::Fail(const std::string& what) {
  failure_ = "cannot " + what + " " + path_ + " after " + std::to_string(size_) + " bytes: " + std::strerror(errno);
  // A reader takes a torn tail as well, so a file that cannot be cut (a device) is no further harm.
  if (ftruncate(fd_, static_cast<off_t>(size_)) != 0) failure_ += " (its tail is torn)";
}

}  // namespace joulespan
