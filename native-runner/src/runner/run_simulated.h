#ifndef JOULESPAN_RUNNER_RUN_SIMULATED_H_
#define JOULESPAN_RUNNER_RUN_SIMULATED_H_

#include "plan/plan.h"
#include "runner/options.h"
#include "runner/signal_watcher.h"

namespace joulespan {

// Writes the logs of a run in simulated time. Answers the exit code; throws what opening files throws.
int RunSimulated(const Options& options, const Plan& plan, const SignalWatcher& signals);

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_RUN_SIMULATED_H_
