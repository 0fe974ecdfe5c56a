#include "plan/parse_plan.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "clock/monotonic_clock.h"
#include "joulespan_protocol.h"
#include "tflite/edgetpu_library.h"
#include "tflite/tflite_library.h"

namespace joulespan {
namespace {

constexpr size_t kDevicesMax = 16;  // an ASUS CRL-G116U carries 16 Edge TPUs
constexpr size_t kModelsMax = 64;
constexpr size_t kSegmentsMax = 16;
constexpr size_t kPhasesMax = 16;
constexpr size_t kTasksMax = 64;
constexpr size_t kTraceMax = 10'000'000;
constexpr double kWattsMax = 100;
constexpr double kDurationMaxS = 31 * 86'400;
constexpr double kIdleMaxMs = 3'600'000;
constexpr double kPeriodMaxMs = 3'600'000;
constexpr double kRelativeSdMax = 0.3;  // three deviations still leave a positive factor
constexpr uint64_t kGpioLineMax = 65'535;
// An edge must be told from its neighbours by a clock that is known to a few hundred microseconds.
constexpr double kMarkerLeastMs = 5;
constexpr double kMarkerMostMs = 60'000;
// A power record holds its length in 32 bits (protocol/power.md), drawn values included.
constexpr double kPhaseMaxMs = 4'294;
constexpr uint64_t kThreadsMax = 256;

template <typename T, typename ReadOne>
std::vector<T> ReadEach(FieldReader* parent, const std::string& name, size_t max, ReadOne read_one);
template <typename Named>
void RequireDistinctNames(const std::vector<Named>& items, const std::string& list);
LibraryPlan ReadLibraries(FieldReader* fields, const std::string& backend);
DevicePlan ReadDevice(FieldReader fields, bool is_virtual);
ModelPlan ReadModel(FieldReader fields, bool is_virtual);
SegmentPlan ReadVirtualSegment(FieldReader fields);
SegmentPlan ReadFileSegment(FieldReader fields);
PowerPhase ReadPhase(FieldReader fields);
TaskPlan ReadTask(FieldReader fields, const Plan& plan);
ArrivalPlan ReadArrival(FieldReader fields);
IdlePlan ReadIdle(FieldReader* parent);
MarkerPlan ReadMarker(FieldReader fields);

}  // namespace

Plan ParsePlan(std::string_view json_text) {
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(json_text);
  } catch (const nlohmann::json::parse_error& error) {
    throw PlanError("plan", "expected JSON, got a syntax error at byte " + std::to_string(error.byte));
  }
  FieldReader fields(document, "");
  Plan plan;
  fields.Integer("version", 1, 1);
  plan.seed = fields.Integer("seed", 0, UINT64_MAX, 1);
  plan.backend = fields.Text("backend", "virtual");
  const bool is_virtual = plan.backend == "virtual";
  if (!is_virtual) plan.library = ReadLibraries(&fields, plan.backend);
  plan.duration_ns = std::llround(fields.Number("duration_s", 0.001, kDurationMaxS) * kNsPerS);
  plan.devices = ReadEach<DevicePlan>(&fields, "devices", kDevicesMax,
                                      [&](FieldReader device) { return ReadDevice(std::move(device), is_virtual); });
  RequireDistinctNames(plan.devices, "devices");
  plan.models = ReadEach<ModelPlan>(&fields, "models", kModelsMax,
                                    [&](FieldReader model) { return ReadModel(std::move(model), is_virtual); });
  RequireDistinctNames(plan.models, "models");
  plan.tasks = ReadEach<TaskPlan>(&fields, "tasks", kTasksMax,
                                  [&plan](FieldReader task) { return ReadTask(std::move(task), plan); });
  RequireDistinctNames(plan.tasks, "tasks");
  // The first execution on a real device also loads its parameters: it must not be measured as one like the others.
  plan.warmup_inferences = static_cast<uint32_t>(fields.Integer("warmup_inferences", is_virtual ? 0 : 1, 10'000, 3));
  plan.idle = ReadIdle(&fields);
  if (fields.Has("marker")) plan.marker = ReadMarker(fields.Object("marker"));
  fields.RejectUnknown();
  return plan;
}

Plan ReadPlanFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw PlanError(path, std::string("expected a readable plan file, got: ") + std::strerror(errno));
  try {
    return ParsePlan(text);
  } catch (const PlanError& error) {
    throw PlanError(path, error.what());
  }
}

namespace {

template <typename T, typename ReadOne>
std::vector<T> ReadEach(FieldReader* parent, const std::string& name, size_t max, ReadOne read_one) {
  std::vector<T> items;
  for (const nlohmann::json& element : parent->Array(name, 1, max)) {
    items.push_back(read_one(FieldReader(element, parent->PathOf(name) + "[" + std::to_string(items.size()) + "]")));
  }
  return items;
}

template <typename Named>
void RequireDistinctNames(const std::vector<Named>& items, const std::string& list) {
  for (size_t i = 0; i < items.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (items[k].name == items[i].name) {
        throw PlanError(list + "[" + std::to_string(i) + "].name",
                        "expected a name used once, got \"" + items[i].name + "\" again");
      }
    }
  }
}

LibraryPlan ReadLibraries(FieldReader* fields, const std::string& backend) {
  LibraryPlan library;
  if (backend != "cpu" && backend != "edgetpu") {
    throw PlanError("backend", "expected virtual, cpu or edgetpu, got \"" + backend + "\"");
  }
  library.tflite = fields->Path("tflite", kDefaultTflite);
  library.tflite_version = fields->Text("tflite_version", "");
  if (backend == "cpu") {
    library.threads = static_cast<int32_t>(fields->Integer("threads", 1, kThreadsMax, 1));
    return library;
  }
  library.edgetpu = fields->Path("edgetpu", kDefaultEdgetpu);
  library.edgetpu_version = fields->Text("edgetpu_version", "");
  library.performance = fields->Text("performance", "max");
  for (const char* word : {"low", "medium", "high", "max"}) {
    if (library.performance == word) return library;
  }
  throw PlanError("performance", "expected low, medium, high or max, got \"" + library.performance + "\"");
}

DevicePlan ReadDevice(FieldReader fields, bool is_virtual) {
  DevicePlan device;
  device.name = fields.Text("name");
  device.has_idle_w = is_virtual || fields.Has("idle_w");
  if (!device.has_idle_w) {
    fields.RejectUnknown();
    return device;
  }
  FieldReader idle = fields.Object("idle_w");
  device.idle_w[JS_STATE_NEVER_USED] = idle.Number("never_used", 0, kWattsMax);
  device.idle_w[JS_STATE_CONTEXT_OPEN] = idle.Number("context_open", 0, kWattsMax);
  device.idle_w[JS_STATE_RESIDENT] = idle.Number("resident", 0, kWattsMax);
  idle.RejectUnknown();
  fields.RejectUnknown();
  return device;
}

ModelPlan ReadModel(FieldReader fields, bool is_virtual) {
  ModelPlan model;
  model.name = fields.Text("name");
  model.segments =
      ReadEach<SegmentPlan>(&fields, "segments", kSegmentsMax, is_virtual ? ReadVirtualSegment : ReadFileSegment);
  if (!is_virtual) {
    model.inputs = fields.Path("inputs", "random");
    model.outputs = fields.Path("outputs", "");
    model.outputs_max = static_cast<uint32_t>(fields.Integer("outputs_max", 0, UINT32_MAX, 100));
  }
  fields.RejectUnknown();
  return model;
}

SegmentPlan ReadFileSegment(FieldReader fields) {
  SegmentPlan segment;
  segment.file = fields.Path("file");
  segment.load_w = fields.Number("load_w", 0, kWattsMax, 0);
  if (fields.Has("active_w")) segment.active_w = fields.Number("active_w", 0, kWattsMax);
  fields.RejectUnknown();
  return segment;
}

SegmentPlan ReadVirtualSegment(FieldReader fields) {
  SegmentPlan segment;
  segment.duration_sd_rel = fields.Number("duration_sd_rel", 0, kRelativeSdMax, 0.01);
  segment.power_sd_rel = fields.Number("power_sd_rel", 0, kRelativeSdMax, 0.03);
  const double longest_ms = kPhaseMaxMs / (1 + 3 * segment.duration_sd_rel);
  segment.load_ns = fields.Milliseconds("load_ms", 0, longest_ms);
  segment.load_w = fields.Number("load_w", 0, kWattsMax);
  segment.phases = ReadEach<PowerPhase>(&fields, "phases", kPhasesMax, ReadPhase);
  for (size_t i = 0; i < segment.phases.size(); ++i) {
    if (segment.phases[i].duration_ns > longest_ms * kNsPerMs) {
      throw PlanError(fields.PathOf("phases[" + std::to_string(i) + "].ms"),
                      "expected at most " + std::to_string(static_cast<int>(longest_ms)) +
                          " ms, so that three deviations more still fit a power record");
    }
  }
  fields.RejectUnknown();
  return segment;
}

PowerPhase ReadPhase(FieldReader fields) {
  PowerPhase phase;
  phase.name = fields.Text("name");
  phase.duration_ns = fields.Milliseconds("ms", 0, kPhaseMaxMs);
  phase.start_w = fields.Number("start_w", 0, kWattsMax);
  phase.end_w = fields.Number("end_w", 0, kWattsMax);
  fields.RejectUnknown();
  return phase;
}

TaskPlan ReadTask(FieldReader fields, const Plan& plan) {
  TaskPlan task;
  task.name = fields.Text("name");
  const std::string model_name = fields.Text("model");
  const auto model = std::find_if(plan.models.begin(), plan.models.end(),
                                  [&](const ModelPlan& candidate) { return candidate.name == model_name; });
  if (model == plan.models.end()) {
    throw PlanError(fields.PathOf("model"), "expected the name of one of the models, got \"" + model_name + "\"");
  }
  task.model = static_cast<uint16_t>(model - plan.models.begin());
  const size_t segments = model->segments.size();
  for (const nlohmann::json& device : fields.Array("devices", segments, segments)) {
    if (!device.is_number_unsigned() || device.get<uint64_t>() >= plan.devices.size()) {
      throw PlanError(fields.PathOf("devices[" + std::to_string(task.devices.size()) + "]"),
                      "expected the number of a device, 0 to " + std::to_string(plan.devices.size() - 1) + ", got " +
                          device.dump());
    }
    task.devices.push_back(device.get<uint16_t>());
  }
  task.queue = static_cast<uint32_t>(fields.Integer("queue", 1, 1024, 4));
  task.arrival = ReadArrival(fields.Object("arrival"));
  task.max_inferences = fields.Integer("max_inferences", 0, UINT32_MAX - 1, 0);
  fields.RejectUnknown();
  return task;
}

ArrivalPlan ReadArrival(FieldReader fields) {
  ArrivalPlan arrival;
  const std::string law = fields.Text("law");
  if (law == "poisson") {
    arrival.law = ArrivalLaw::kPoisson;
    arrival.rate_hz = fields.Number("rate_hz", 1e-6, 1e5);
  } else if (law == "periodic") {
    arrival.law = ArrivalLaw::kPeriodic;
    arrival.period_ns = fields.Milliseconds("period_ms", 0.01, kPeriodMaxMs);
    const double period_ms = static_cast<double>(arrival.period_ns) / kNsPerMs;
    arrival.jitter_ns = fields.Milliseconds("jitter_ms", 0, period_ms, 0);
  } else if (law == "saturated") {
    arrival.law = ArrivalLaw::kSaturated;
  } else if (law == "closed") {
    arrival.law = ArrivalLaw::kClosed;
    arrival.concurrency = static_cast<uint32_t>(fields.Integer("concurrency", 1, 1024, 1));
    arrival.think_ns = fields.Milliseconds("think_ms", 0, kPeriodMaxMs, 0);
    arrival.think_jitter_ns = fields.Milliseconds("think_jitter_ms", 0, kPeriodMaxMs, 0);
  } else if (law == "trace") {
    arrival.law = ArrivalLaw::kTrace;
    for (const nlohmann::json& at_ms : fields.Array("at_ms", 1, kTraceMax)) {
      const int64_t previous_ns = arrival.at_ns.empty() ? 0 : arrival.at_ns.back();
      const double at_ns = at_ms.is_number() ? at_ms.get<double>() * kNsPerMs : -1;
      if (!(at_ns >= 0 && at_ns <= kDurationMaxS * kNsPerS) || std::llround(at_ns) < previous_ns) {
        throw PlanError(fields.PathOf("at_ms[" + std::to_string(arrival.at_ns.size()) + "]"),
                        "expected milliseconds from the start of the run, not falling, got " + at_ms.dump());
      }
      arrival.at_ns.push_back(std::llround(at_ns));
    }
  } else {
    throw PlanError(fields.PathOf("law"),
                    "expected poisson, periodic, saturated, closed or trace, got \"" + law + "\"");
  }
  fields.RejectUnknown();
  return arrival;
}

IdlePlan ReadIdle(FieldReader* parent) {
  static const nlohmann::json kAllDefaults = nlohmann::json::object();
  FieldReader fields = parent->Has("idle") ? parent->Object("idle") : FieldReader(kAllDefaults, "idle");
  IdlePlan idle;
  idle.never_used_ns = fields.Milliseconds("never_used_ms", 0, kIdleMaxMs, 200);
  idle.context_open_ns = fields.Milliseconds("context_open_ms", 0, kIdleMaxMs, 300);
  idle.resident_ns = fields.Milliseconds("resident_ms", 0, kIdleMaxMs, 500);
  idle.gap_every_ns = fields.Milliseconds("gap_every_ms", 0, kIdleMaxMs, 1000);
  idle.gap_ns = fields.Milliseconds("gap_ms", 0, kIdleMaxMs, 8);
  idle.after_ns = fields.Milliseconds("after_ms", 0, kIdleMaxMs, 500);
  fields.RejectUnknown();
  return idle;
}

MarkerPlan ReadMarker(FieldReader fields) {
  MarkerPlan marker;
  const std::string wire = fields.Text("wire");
  if (wire == "virtual") {
    marker.wire = MarkerWire::kVirtual;
  } else if (wire == "gpio") {
    marker.wire = MarkerWire::kGpio;
    marker.chip = fields.Text("chip");
    marker.line = static_cast<uint32_t>(fields.Integer("line", 0, kGpioLineMax));
  } else {
    throw PlanError(fields.PathOf("wire"), "expected virtual or gpio, got \"" + wire + "\"");
  }
  marker.every_ns = fields.Milliseconds("every_ms", kMarkerLeastMs, kMarkerMostMs, 100);
  fields.RejectUnknown();
  return marker;
}

}  // namespace
}  // namespace joulespan
