// What a run was made with, for its dictionary and for people.
#ifndef JOULESPAN_BACKEND_BACKEND_IDENTITY_H_
#define JOULESPAN_BACKEND_BACKEND_IDENTITY_H_

#include <string>
#include <vector>

namespace joulespan {

// Empty where the backend has none of it.
struct BackendIdentity {
  std::string tflite_version;
  std::string edgetpu_version;
  std::string performance;
  int threads = 0;                        // 0: not of this backend
  std::vector<std::string> device_paths;  // of each device
};

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_BACKEND_IDENTITY_H_
