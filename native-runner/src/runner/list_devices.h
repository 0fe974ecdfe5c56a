#ifndef JOULESPAN_RUNNER_LIST_DEVICES_H_
#define JOULESPAN_RUNNER_LIST_DEVICES_H_

#include "runner/options.h"

namespace joulespan {

// Prints the Edge TPUs that libedgetpu finds, in the order in which a plan numbers them, and the libraries' versions.
// Answers the exit code; throws BackendError.
int ListDevices(const Options& options);

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_LIST_DEVICES_H_
