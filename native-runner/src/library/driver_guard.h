// Foreign libraries abort and crash the process (libedgetpu checks with abort, the apex driver's mappings run out).
// That ends the run, which is a process of its own; the guard says in one line in which call it was.
#ifndef JOULESPAN_LIBRARY_DRIVER_GUARD_H_
#define JOULESPAN_LIBRARY_DRIVER_GUARD_H_

#include <string>

namespace joulespan {

// Says the line on stderr and lets the signal end the program as it would have. Once, before any library is opened.
void InstallDriverGuard();

// While it lives this thread is inside a foreign library, doing `what`.
class DriverCall {
 public:
  explicit DriverCall(std::string what);
  ~DriverCall();
  DriverCall(const DriverCall&) = delete;
  DriverCall& operator=(const DriverCall&) = delete;

 private:
  std::string what_;
  const char* outer_;
};

// The same for a text that outlives the call, in the path of an inference: no allocation.
class DriverCallTo {
 public:
  explicit DriverCallTo(const char* what);
  ~DriverCallTo();
  DriverCallTo(const DriverCallTo&) = delete;
  DriverCallTo& operator=(const DriverCallTo&) = delete;

 private:
  const char* outer_;
};

}  // namespace joulespan

#endif  // JOULESPAN_LIBRARY_DRIVER_GUARD_H_
