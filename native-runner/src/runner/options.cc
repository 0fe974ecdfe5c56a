#include "runner/options.h"

#include <getopt.h>

#include <cerrno>
#include <cstdlib>
#include <limits>

namespace joulespan {
namespace {

enum OptionId {
  kPlan = 256,
  kLog,
  kPowerLog,
  kEvents,
  kRequests,
  kPowers,
  kSubscribers,
  kSubscriberTimeout,
  kLinger,
  kSimulate,
  kStart,
  kSeed,
  kTflite,
  kEdgetpu,
  kNumThreads,
  kListDevices,
  kClockOffset,
  kClockRate,
  kHelp
};

constexpr option kLongOptions[] = {
    {"plan", required_argument, nullptr, kPlan},
    {"log", required_argument, nullptr, kLog},
    {"power-log", required_argument, nullptr, kPowerLog},
    {"events", required_argument, nullptr, kEvents},
    {"requests", required_argument, nullptr, kRequests},
    {"powers", required_argument, nullptr, kPowers},
    {"subscribers", required_argument, nullptr, kSubscribers},
    {"subscriber-timeout-s", required_argument, nullptr, kSubscriberTimeout},
    {"linger-s", required_argument, nullptr, kLinger},
    {"simulate", no_argument, nullptr, kSimulate},
    {"start-ns", required_argument, nullptr, kStart},
    {"seed", required_argument, nullptr, kSeed},
    {"tflite", required_argument, nullptr, kTflite},
    {"edgetpu", required_argument, nullptr, kEdgetpu},
    {"num_threads", required_argument, nullptr, kNumThreads},
    {"list-devices", no_argument, nullptr, kListDevices},
    {"clock-offset-ns", required_argument, nullptr, kClockOffset},
    {"clock-rate-ppm", required_argument, nullptr, kClockRate},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

uint64_t ParseInteger(const char* name, const char* text, uint64_t max);
double ParseSeconds(const char* name, const char* text);
double ParseNumber(const char* name, const char* text, double min, double max);
void RequireComplete(const Options& options);

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options;
  opterr = 0;
  optind = 1;
  for (int id; (id = getopt_long(argc, argv, "+:", kLongOptions, nullptr)) != -1;) {
    switch (id) {
      case kPlan:
        options.plan_path = optarg;
        break;
      case kLog:
        options.log_path = optarg;
        break;
      case kPowerLog:
        options.power_log_path = optarg;
        break;
      case kEvents:
        options.events_endpoint = optarg;
        break;
      case kRequests:
        options.requests_endpoint = optarg;
        break;
      case kPowers:
        options.powers_endpoint = optarg;
        break;
      case kSubscribers:
        options.subscribers = static_cast<uint32_t>(ParseInteger("--subscribers", optarg, 1000));
        break;
      case kSubscriberTimeout:
        options.subscriber_timeout_s = ParseSeconds("--subscriber-timeout-s", optarg);
        break;
      case kLinger:
        options.linger_s = ParseSeconds("--linger-s", optarg);
        break;
      case kSimulate:
        options.is_simulated = true;
        break;
      case kStart:
        // Half the range is left to the run.
        options.start_ns =
            static_cast<int64_t>(ParseInteger("--start-ns", optarg, std::numeric_limits<int64_t>::max() / 2));
        break;
      case kSeed:
        options.seed = ParseInteger("--seed", optarg, std::numeric_limits<uint64_t>::max());
        break;
      case kTflite:
        options.tflite = optarg;
        break;
      case kEdgetpu:
        options.edgetpu = optarg;
        break;
      case kNumThreads:
        options.threads = static_cast<int32_t>(ParseInteger("--num_threads", optarg, 256));
        break;
      case kListDevices:
        options.lists_devices = true;
        break;
      case kClockOffset:
        options.told.offset_ns =
            static_cast<int64_t>(ParseInteger("--clock-offset-ns", optarg, std::numeric_limits<int64_t>::max() / 4));
        break;
      case kClockRate:
        options.told.rate_ppm = ParseNumber("--clock-rate-ppm", optarg, -1000, 1000);
        break;
      case kHelp:
        options.wants_help = true;
        return options;
      case ':':
        throw UsageError(std::string(argv[optind - 1]) + ": expected a value");
      default:
        throw UsageError(std::string(argv[optind - 1]) + ": unknown option");
    }
  }
  if (optind < argc) throw UsageError(std::string(argv[optind]) + ": expected an option");
  RequireComplete(options);
  return options;
}

void ApplyOptions(const Options& options, Plan* plan) {
  const auto require = [plan](bool is_given, bool has_use, const char* name, const char* backend) {
    if (is_given && !has_use) {
      throw UsageError(std::string(name) + ": expected a plan with backend " + backend + ", got " + plan->backend);
    }
  };
  const bool is_virtual = plan->backend == "virtual";
  require(options.is_simulated, is_virtual, "--simulate", "virtual");
  require(options.tflite.has_value(), !is_virtual, "--tflite", "cpu or edgetpu");
  require(options.edgetpu.has_value(), plan->backend == "edgetpu", "--edgetpu", "edgetpu");
  require(options.threads.has_value(), plan->backend == "cpu", "--num_threads", "cpu");
  if (options.seed) plan->seed = *options.seed;
  if (options.tflite) plan->library.tflite = *options.tflite;
  if (options.edgetpu) plan->library.edgetpu = *options.edgetpu;
  if (options.threads) plan->library.threads = *options.threads;
}

std::string HelpText() {
  return R"(joulespan-runner: runs inferences on the devices of a card and publishes when each started and ended

  joulespan-runner --plan FILE --log FILE --events ENDPOINT --requests ENDPOINT [options]
  joulespan-runner --plan FILE --log FILE --simulate [--start-ns N] [options]

  --plan FILE               what to run (native-runner/README.md)
  --log FILE                event log to write; a new file
  --events ENDPOINT         ZeroMQ endpoint of the event messages, as ipc://events.ipc or tcp://127.0.0.1:5555
  --requests ENDPOINT       ZeroMQ endpoint for fill, ready and stop
  --powers ENDPOINT         ZeroMQ endpoint of the virtual card's powers (default: none)
  --power-log FILE          log of the virtual card's powers; a new file (default: none)
  --subscribers N           start when N subscribers are ready (default 0)
  --subscriber-timeout-s S  give up on them after S seconds (default 10)
  --linger-s S              answer requests until S seconds after the last, once the run is over (default 1)
  --simulate                simulated time: no sleeping, no sockets
  --start-ns N              simulated time at the start, in nanoseconds (default 0)
  --seed N                  instead of the plan's seed
  --tflite PATH             TFLite's C library, instead of the plan's; backends cpu and edgetpu
  --edgetpu PATH            libedgetpu, instead of the plan's; backend edgetpu
  --num_threads N           threads of one interpreter, instead of the plan's; backend cpu
  --list-devices            print the Edge TPUs as a plan numbers them, and end; with --edgetpu and --tflite

for tests of a host on another machine only
  --clock-offset-ns N       tell times that are so much later than CLOCK_MONOTONIC
  --clock-rate-ppm R        tell times that run so much faster, -1000 to 1000

Example: joulespan-runner --plan plan.json --log events.log --events ipc://events.ipc --requests ipc://requests.ipc
)";
}

namespace {

uint64_t ParseInteger(const char* name, const char* text, uint64_t max) {
  char* end = nullptr;
  errno = 0;
  const uint64_t value = std::strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value > max) {
    throw UsageError(std::string(name) + ": expected an integer from 0 to " + std::to_string(max) + ", got \"" + text +
                     "\"");
  }
  return value;
}

double ParseNumber(const char* name, const char* text, double min, double max) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= min && value <= max)) {
    throw UsageError(std::string(name) + ": expected a number from " + std::to_string(static_cast<int>(min)) + " to " +
                     std::to_string(static_cast<int>(max)) + ", got \"" + text + "\"");
  }
  return value;
}

double ParseSeconds(const char* name, const char* text) {
  constexpr double kMaxS = 86'400;
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= 0 && value <= kMaxS)) {
    throw UsageError(std::string(name) + ": expected seconds from 0 to 86400, got \"" + text + "\"");
  }
  return value;
}

void RequireComplete(const Options& options) {
  if (options.threads && *options.threads == 0) throw UsageError("--num_threads: expected at least 1, got 0");
  if (options.lists_devices) return;
  if (options.plan_path.empty()) throw UsageError("--plan: expected a file, got nothing");
  if (options.log_path.empty()) throw UsageError("--log: expected a file, got nothing");
  if (options.is_simulated) return;
  if (options.start_ns) throw UsageError("--start-ns: expected --simulate beside it");
  if (options.events_endpoint.empty()) throw UsageError("--events: expected an endpoint, got nothing");
  if (options.requests_endpoint.empty()) throw UsageError("--requests: expected an endpoint, got nothing");
}

}  // namespace
}  // namespace joulespan
