#ifndef JOULESPAN_TFLITE_EDGETPU_LIBRARY_H_
#define JOULESPAN_TFLITE_EDGETPU_LIBRARY_H_

#include <string>
#include <vector>

#include "library/shared_library.h"
#include "tflite/edgetpu_c.h"

namespace joulespan {

constexpr const char* kDefaultEdgetpu = "libedgetpu.so.1";

struct EdgeTpu {
  EdgeTpuDeviceType type = kEdgeTpuPci;
  std::string path;
};

// libedgetpu, opened at run time.
class EdgetpuLibrary {
 public:
  // `expected_version`: a part of what it says of itself; empty: any. Throws BackendError.
  EdgetpuLibrary(const std::string& path, const std::string& expected_version);

  // PCIe before USB, each by the numbers in their paths: the library lists them as the file system does.
  std::vector<EdgeTpu> Devices() const;

  const EdgeTpuFunctions& call() const { return call_; }
  const std::string& version() const { return version_; }
  const std::string& path() const { return library_.path(); }

 private:
  SharedLibrary library_;
  EdgeTpuFunctions call_ = {};
  std::string version_;
};

// Whether `a` comes before `b` when runs of digits count as numbers: apex_2 before apex_10.
bool IsEarlierByNumber(const std::string& a, const std::string& b);

}  // namespace joulespan

#endif  // JOULESPAN_TFLITE_EDGETPU_LIBRARY_H_
