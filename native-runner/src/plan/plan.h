// What a run does: plan.json, checked and in nanoseconds. Field by field in native-runner/README.md.
#ifndef JOULESPAN_PLAN_PLAN_H_
#define JOULESPAN_PLAN_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace joulespan {

struct DevicePlan {
  std::string name;
  // Idle power by state, indexed by JS_STATE_*.
  double idle_w[3] = {0, 0, 0};
  bool has_idle_w = false;  // always with the virtual card
};

struct PowerPhase {
  std::string name;
  int64_t duration_ns = 0;
  double start_w = 0;  // above idle
  double end_w = 0;
};

struct SegmentPlan {
  double load_w = 0;
  // The virtual card.
  int64_t load_ns = 0;
  double duration_sd_rel = 0;
  double power_sd_rel = 0;
  std::vector<PowerPhase> phases;
  // Real backends.
  std::string file;                // .tflite
  std::optional<double> active_w;  // above idle while it runs, for who emulates the sensor
};

struct ModelPlan {
  std::string name;
  std::vector<SegmentPlan> segments;
  // Real backends.
  std::string inputs = "random";  // or a file of raw tensors, or a folder of .npy
  std::string outputs;            // folder for .npy; empty: not saved
  uint32_t outputs_max = 0;       // of the first so many inferences
};

enum class ArrivalLaw { kPoisson, kPeriodic, kSaturated, kClosed, kTrace };

struct ArrivalPlan {
  ArrivalLaw law = ArrivalLaw::kSaturated;
  double rate_hz = 0;           // poisson
  int64_t period_ns = 0;        // periodic
  int64_t jitter_ns = 0;        // periodic
  uint32_t concurrency = 0;     // closed
  int64_t think_ns = 0;         // closed
  int64_t think_jitter_ns = 0;  // closed
  std::vector<int64_t> at_ns;   // trace
};

struct TaskPlan {
  std::string name;
  uint16_t model = 0;
  std::vector<uint16_t> devices;  // of each segment
  uint32_t queue = 0;
  ArrivalPlan arrival;
  uint64_t max_inferences = 0;  // 0: no limit
};

// Libraries of the real backends, opened at run time.
struct LibraryPlan {
  std::string tflite;
  std::string tflite_version;  // its beginning; empty: any
  std::string edgetpu;
  std::string edgetpu_version;  // a part of it; empty: any
  int32_t threads = 1;          // of one interpreter, backend cpu
  std::string performance;      // clock of the Edge TPUs: low, medium, high, max
};

struct IdlePlan {
  int64_t never_used_ns = 0;
  int64_t context_open_ns = 0;
  int64_t resident_ns = 0;
  int64_t gap_every_ns = 0;  // 0: no gaps
  int64_t gap_ns = 0;
  int64_t after_ns = 0;
};

// An output line that is toggled, for a sensor board to see: two-sided constraints of its clock.
enum class MarkerWire { kNone, kVirtual, kGpio };

struct MarkerPlan {
  MarkerWire wire = MarkerWire::kNone;
  std::string chip;   // gpio: path of the character device
  uint32_t line = 0;  // gpio: offset on the chip
  int64_t every_ns = 0;
};

struct Plan {
  uint64_t seed = 1;
  std::string backend;
  LibraryPlan library;
  int64_t duration_ns = 0;
  std::vector<DevicePlan> devices;
  std::vector<ModelPlan> models;
  std::vector<TaskPlan> tasks;
  uint32_t warmup_inferences = 0;
  IdlePlan idle;
  MarkerPlan marker;
};

}  // namespace joulespan

#endif  // JOULESPAN_PLAN_PLAN_H_
