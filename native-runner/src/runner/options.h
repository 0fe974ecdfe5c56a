#ifndef JOULESPAN_RUNNER_OPTIONS_H_
#define JOULESPAN_RUNNER_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "plan/plan.h"
#include "clock/told_clock.h"

namespace joulespan {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Options {
  std::string plan_path;
  std::string log_path;
  std::string power_log_path;     // empty: none
  std::string events_endpoint;    // live
  std::string requests_endpoint;  // live
  std::string powers_endpoint;    // live; empty: none
  uint32_t subscribers = 0;       // how many must be ready before anything starts
  double subscriber_timeout_s = 10;
  double linger_s = 1;  // quiet time after the end of stream until requests are answered no more
  bool is_simulated = false;
  std::optional<int64_t> start_ns;  // simulated: CLOCK_MONOTONIC to begin with, 0 when not given
  std::optional<uint64_t> seed;     // instead of the plan's
  // Instead of the plan's.
  std::optional<std::string> tflite;
  std::optional<std::string> edgetpu;
  std::optional<int32_t> threads;
  bool lists_devices = false;
  ToldClock told;                   // for tests: the clock of another machine
  bool wants_help = false;
};

// Throws UsageError with one line that names the option.
Options ParseOptions(int argc, char** argv);

// Throws UsageError when the plan's backend has no use for an option.
void ApplyOptions(const Options& options, Plan* plan);

std::string HelpText();

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_OPTIONS_H_
