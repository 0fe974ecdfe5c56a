#ifndef JOULESPAN_TFLITE_TFLITE_LIBRARY_H_
#define JOULESPAN_TFLITE_TFLITE_LIBRARY_H_

#include <string>

#include "library/shared_library.h"
#include "tflite/tflite_c.h"

namespace joulespan {

constexpr const char* kDefaultTflite = "libtensorflowlite_c.so";

// TFLite, opened at run time.
class TfliteLibrary {
 public:
  // `expected_version`: what its version must begin with, as "2.16"; empty: any 2.x. Throws BackendError.
  TfliteLibrary(const std::string& path, const std::string& expected_version);

  const TfLiteFunctions& call() const { return call_; }
  const std::string& version() const { return version_; }
  const std::string& path() const { return library_.path(); }

 private:
  SharedLibrary library_;
  TfLiteFunctions call_ = {};
  std::string version_;
};

}  // namespace joulespan

#endif  // JOULESPAN_TFLITE_TFLITE_LIBRARY_H_
