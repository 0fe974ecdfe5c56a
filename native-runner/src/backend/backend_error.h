// What keeps a real backend from working: one line for the user, and how the program ends for it.
#ifndef JOULESPAN_BACKEND_BACKEND_ERROR_H_
#define JOULESPAN_BACKEND_BACKEND_ERROR_H_

#include <stdexcept>
#include <string>

namespace joulespan {

enum class BackendFault {
  kFile,    // a library, a model or an input that is not what it should be
  kDevice,  // a device that is not there, is taken, or was lost
};

class BackendError : public std::runtime_error {
 public:
  BackendError(BackendFault fault, const std::string& line) : std::runtime_error(line), fault_(fault) {}

  BackendFault fault() const { return fault_; }

 private:
  BackendFault fault_;
};

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_BACKEND_ERROR_H_
