#ifndef JOULESPAN_RUNNER_EXIT_CODE_H_
#define JOULESPAN_RUNNER_EXIT_CODE_H_

#include "backend/backend_error.h"

namespace joulespan {

enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,         // events lost, a log that cannot be written, a virtual device that failed
  kExitUsage = 2,          // options, plan, files, libraries, models
  kExitBusy = 3,           // an endpoint is in use; a device is missing, taken or lost; the marker line is missing or held
  kExitPermission = 4,     // the marker line may not be opened
  kExitNoSubscribers = 5,  // the declared subscribers did not come
  kExitInterrupted = 130,  // SIGINT or SIGTERM, drained
};

inline ExitCode ExitCodeOf(BackendFault fault) { return fault == BackendFault::kDevice ? kExitBusy : kExitUsage; }

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_EXIT_CODE_H_
