#include "library/shared_library.h"

#include <dlfcn.h>

#include "backend/backend_error.h"
#include "library/driver_guard.h"

namespace joulespan {

SharedLibrary::SharedLibrary(const std::string& path, const std::string& what, const std::string& option)
    : path_(path), what_(what), option_(option) {
  const DriverCall call("opening " + path);
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ != nullptr) return;
  throw BackendError(BackendFault::kFile, option + ": expected " + what + ", got: " + dlerror());
}

void* SharedLibrary::Address(const char* symbol, bool is_required) const {
  void* address = dlsym(handle_, symbol);
  if (address == nullptr && is_required) {
    throw BackendError(BackendFault::kFile,
                       option_ + ": expected " + what_ + ", got " + path_ + " without the function " + symbol);
  }
  return address;
}

}  // namespace joulespan
