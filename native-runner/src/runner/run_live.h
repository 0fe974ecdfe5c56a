#ifndef JOULESPAN_RUNNER_RUN_LIVE_H_
#define JOULESPAN_RUNNER_RUN_LIVE_H_

#include "plan/plan.h"
#include "runner/options.h"
#include "runner/signal_watcher.h"

namespace joulespan {

// Binds, waits for the subscribers, runs the plan, publishes. Answers the exit code; throws what binding and opening
// files throw.
int RunLive(const Options& options, const Plan& plan, SignalWatcher* signals);

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_RUN_LIVE_H_
