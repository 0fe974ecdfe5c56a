#ifndef JOULESPAN_SESSION_SESSION_REPORT_H_
#define JOULESPAN_SESSION_SESSION_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "backend/backend_error.h"
#include "emission/latency_histogram.h"
#include "schedule/scheduler.h"

namespace joulespan {

struct SessionReport {
  std::vector<TaskCounts> tasks;
  LatencyHistogram emission;          // cost of emitting an event, sampled; live runs only
  LatencyHistogram start_lateness;    // of a stage's start stamp after it could have started; live runs only
  std::string failure;                // one line; empty: none
  std::optional<BackendFault> fault;  // of the failure, where a backend says
};

}  // namespace joulespan

#endif  // JOULESPAN_SESSION_SESSION_REPORT_H_
