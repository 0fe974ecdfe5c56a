// A library that is opened at run time: nothing of it is needed to build the runner.
#ifndef JOULESPAN_LIBRARY_SHARED_LIBRARY_H_
#define JOULESPAN_LIBRARY_SHARED_LIBRARY_H_

#include <string>

namespace joulespan {

// Never closed: libedgetpu brings operator new and delete of its own and threads that outlive its last call. Its
// symbols stay its own (RTLD_LOCAL) for the same reason.
class SharedLibrary {
 public:
  // `path` as dlopen takes it: with a slash a file, else a name the loader looks up. `what` names it to people,
  // `option` is what points to another. Throws BackendError.
  SharedLibrary(const std::string& path, const std::string& what, const std::string& option);

  // Throws BackendError when it is missing.
  template <typename Function>
  void Require(const char* symbol, Function* function) const {
    *function = reinterpret_cast<Function>(Address(symbol, true));
  }

  // Null when it is missing.
  template <typename Function>
  void Find(const char* symbol, Function* function) const {
    *function = reinterpret_cast<Function>(Address(symbol, false));
  }

  const std::string& path() const { return path_; }

 private:
  void* Address(const char* symbol, bool is_required) const;

  std::string path_;
  std::string what_;
  std::string option_;
  void* handle_ = nullptr;
};

}  // namespace joulespan

#endif  // JOULESPAN_LIBRARY_SHARED_LIBRARY_H_
