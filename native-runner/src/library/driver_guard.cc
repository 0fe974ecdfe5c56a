#include "library/driver_guard.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <utility>

namespace joulespan {
namespace {

thread_local const char* current_call = nullptr;

// Only what may be called in a signal handler.
void Write(const char* text) {
  const ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
  (void)ignored;
}

const char* NameOf(int signal_number) {
  switch (signal_number) {
    case SIGABRT:
      return "SIGABRT";
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    default:
      return "SIGILL";
  }
}

// SA_RESETHAND: the signal raised again takes its default course, core dump included.
void SayWhereAndEnd(int signal_number) {
  Write("joulespan-runner: ");
  Write(NameOf(signal_number));
  if (current_call != nullptr) {
    Write(" inside a library, while ");
    Write(current_call);
    Write(": this run ends here; check driver, library and model\n");
  } else {
    Write(" outside the calls the runner makes, perhaps in a thread of a library: this run ends here\n");
  }
  raise(signal_number);
}

}  // namespace

void InstallDriverGuard() {
  struct sigaction action = {};
  action.sa_handler = SayWhereAndEnd;
  action.sa_flags = SA_RESETHAND | SA_NODEFER;
  for (const int signal_number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal_number, &action, nullptr);
}

DriverCall::DriverCall(std::string what) : what_(std::move(what)), outer_(current_call) {
  current_call = what_.c_str();
}

DriverCall::~DriverCall() { current_call = outer_; }

DriverCallTo::DriverCallTo(const char* what) : outer_(current_call) { current_call = what; }

DriverCallTo::~DriverCallTo() { current_call = outer_; }

}  // namespace joulespan
