#include "backend/interpreter_device.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "backend/backend_error.h"
#include "clock/monotonic_clock.h"
#include "library/driver_guard.h"
#include "tensors/npy.h"

namespace joulespan {
namespace {

// A USB accelerator now and then fails to open once and opens on the next try.
constexpr int kUsbTries = 3;
constexpr int64_t kUsbRetryNs = 200 * kNsPerMs;
// As for the virtual card: an unload draws a quarter of what a load draws.
constexpr double kUnloadPart = 0.25;

// libedgetpu's word for a plan's: "max" is "Max".
std::string PerformanceWord(std::string performance) {
  performance[0] = static_cast<char>(performance[0] - 'a' + 'A');
  return performance;
}

}  // namespace

// Always with the path: without it the library may answer with a device that is already open. One delegate per path,
// as a second one would share its context and ignore its options.
void InterpreterDevice::Open() {
  if (card_->edgetpu() == nullptr) return;
  const EdgeTpuFunctions& call = card_->edgetpu()->call();
  const EdgeTpu& tpu = card_->edge_tpu(number_);
  const DriverCall guard("opening " + tpu.path);
  const std::string performance = PerformanceWord(plan_.library.performance);
  const EdgeTpuOption option{"Performance", performance.c_str()};
  for (int tries = tpu.type == kEdgeTpuUsb ? kUsbTries : 1; delegate_ == nullptr && tries > 0; --tries) {
    delegate_ = call.CreateDelegate(tpu.type, tpu.path.c_str(), &option, 1);
    if (delegate_ == nullptr && tries > 1) SleepUntilNs(NowNs() + kUsbRetryNs);
  }
  if (delegate_ != nullptr) return;
  throw BackendError(BackendFault::kDevice,
                     "expected to open " + tpu.path + ", got a refusal: taken by another process, or not permitted");
}

// Interpreters before the delegate they use. After an interrupted run models are still there.
void InterpreterDevice::Close() {
  residents_.clear();
  if (delegate_ == nullptr) return;
  const DriverCall guard("closing " + card_->edge_tpu(number_).path);
  card_->edgetpu()->call().FreeDelegate(delegate_);
  delegate_ = nullptr;
}

void InterpreterDevice::Prepare(const SpanWork& work) {
  work_ = work;
  if (!IsOfTask(work)) return;
  const auto resident = FindResident();
  running_ = resident->interpreter.get();
  invoking_ = resident->invoking.c_str();
  tensors_ = card_->exchange(work.task)->Of(work);
  PutInputs();
}

std::optional<double> InterpreterDevice::SpanPowerW() const {
  const SegmentPlan& segment = plan_.models[work_.model].segments[work_.segment];
  if (IsOfTask(work_)) return segment.active_w;
  return work_.kind == JS_KIND_LOAD ? segment.load_w : kUnloadPart * segment.load_w;
}

std::optional<double> InterpreterDevice::IdlePowerW(uint16_t state) const {
  const DevicePlan& device = plan_.devices[number_];
  return device.has_idle_w ? std::optional<double>(device.idle_w[state]) : std::nullopt;
}

void InterpreterDevice::Load(int64_t) {
  const ModelFile& file = card_->wiring(work_.model).segments[work_.segment].file;
  InterpreterSettings settings;
  settings.threads = card_->edgetpu() == nullptr ? plan_.library.threads : 1;
  settings.delegate = delegate_;
  Resident resident;
  resident.model = work_.model;
  resident.segment = work_.segment;
  resident.invoking = plan_.devices[number_].name + " invoked " + file.path;
  resident.interpreter = std::make_unique<Interpreter>(card_->tflite(), file, settings);
  residents_.push_back(std::move(resident));
}

bool InterpreterDevice::Invoke(int64_t) {
  const DriverCallTo guard(invoking_);
  if (running_->Invoke()) return true;
  const std::string& words = running_->last_words();
  throw BackendError(BackendFault::kDevice,
                     "lost in mid-run, or broken: " + (words.empty() ? "an inference failed without a reason" : words));
}

void InterpreterDevice::Unload(int64_t) { residents_.erase(FindResident()); }

// After the end is stamped: what follows is the runner's own time, not the stage's.
void InterpreterDevice::Finish(bool ok) {
  const bool is_last = work_.segment + 1u == plan_.models[work_.model].segments.size();
  if (ok) {
    TakeOutputs();
    if (is_last) SaveOutputs();
  }
  if (is_last || !ok) card_->exchange(work_.task)->Drop(work_);
}

std::vector<InterpreterDevice::Resident>::iterator InterpreterDevice::FindResident() {
  const auto found = std::find_if(residents_.begin(), residents_.end(), [this](const Resident& resident) {
    return resident.model == work_.model && resident.segment == work_.segment;
  });
  if (found == residents_.end()) throw std::logic_error("a segment that was never loaded");
  return found;
}

void InterpreterDevice::PutInputs() {
  const SegmentWiring& segment = card_->wiring(work_.model).segments[work_.segment];
  const InputSamples& samples = card_->inputs(work_.model);
  const uint32_t number = work_.kind == JS_KIND_WARMUP ? work_.warmup_index : work_.inference_id;
  for (size_t i = 0; i < segment.inputs.size(); ++i) {
    const TensorSource& source = segment.inputs[i];
    const std::vector<char>& bytes =
        source.segment == kFromModelInput ? samples.Of(number, source.index) : tensors_->Of(source);
    std::memcpy(running_->input(i), bytes.data(), bytes.size());
  }
}

void InterpreterDevice::TakeOutputs() {
  const SegmentWiring& segment = card_->wiring(work_.model).segments[work_.segment];
  const bool are_saved = !plan_.models[work_.model].outputs.empty();
  for (size_t i = 0; i < segment.file.outputs.size(); ++i) {
    if (!segment.is_read_later[i] && !are_saved) continue;
    std::vector<char>& bytes = tensors_->Of({work_.segment, i});
    std::memcpy(bytes.data(), running_->output(i), bytes.size());
  }
}

void InterpreterDevice::SaveOutputs() {
  const ModelPlan& model = plan_.models[work_.model];
  if (model.outputs.empty() || work_.kind != JS_KIND_STAGE || work_.inference_id >= model.outputs_max) return;
  const ModelWiring& wiring = card_->wiring(work_.model);
  for (size_t i = 0; i < wiring.outputs.size(); ++i) {
    char name[64];
    std::snprintf(name, sizeof(name), "/%08u.%zu.npy", work_.inference_id, i);
    WriteNpy(model.outputs + name, wiring.SpecOf(wiring.outputs[i]), tensors_->Of(wiring.outputs[i]).data());
  }
}

}  // namespace joulespan
