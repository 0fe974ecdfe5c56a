#ifndef JOULESPAN_RUNNER_EXIT_CODE_H_
#define JOULESPAN_RUNNER_EXIT_CODE_H_

namespace joulespan {

enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,         // events lost, a log that cannot be written, a device that failed
  kExitUsage = 2,          // options, plan, files
  kExitBusy = 3,           // an endpoint is in use; the marker line is missing or held by somebody
  kExitPermission = 4,     // the marker line may not be opened
  kExitNoSubscribers = 5,  // the declared subscribers did not come
  kExitInterrupted = 130,  // SIGINT or SIGTERM, drained
};

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_EXIT_CODE_H_
