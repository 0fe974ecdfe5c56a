#include "backend/interpreter_card.h"

#include <filesystem>

#include "backend/backend_error.h"

namespace joulespan {
namespace {

void MakeFolder(const std::string& path) {
  std::error_code error;
  if (!path.empty()) std::filesystem::create_directories(path, error);
  if (error) throw BackendError(BackendFault::kFile, path + ": no folder for outputs: " + error.message());
}

}  // namespace

InterpreterCard::InterpreterCard(const Plan& plan)
    : plan_(plan), tflite_(plan.library.tflite, plan.library.tflite_version) {
  if (plan.backend == "edgetpu") {
    edgetpu_ = std::make_unique<EdgetpuLibrary>(plan.library.edgetpu, plan.library.edgetpu_version);
    FindDevices();
  }
  ReadModels();
}

BackendIdentity InterpreterCard::Identity() const {
  BackendIdentity identity;
  identity.tflite_version = tflite_.version();
  if (edgetpu_) {
    identity.edgetpu_version = edgetpu_->version();
    identity.performance = plan_.library.performance;
  } else {
    identity.threads = plan_.library.threads;
  }
  for (const EdgeTpu& device : edge_tpus_) identity.device_paths.push_back(device.path);
  return identity;
}

void InterpreterCard::FindDevices() {
  edge_tpus_ = edgetpu_->Devices();
  const size_t wanted = plan_.devices.size();
  if (edge_tpus_.size() < wanted) {
    std::string seen = edge_tpus_.empty() ? "none" : std::to_string(edge_tpus_.size());
    for (size_t i = 0; i < edge_tpus_.size(); ++i) seen += (i == 0 ? ": " : ", ") + edge_tpus_[i].path;
    throw BackendError(BackendFault::kDevice, "devices: expected " + std::to_string(wanted) + " Edge TPUs, got " +
                                                  seen + " (is the driver loaded, may this user open /dev/apex_*?)");
  }
  edge_tpus_.resize(wanted);
}

void InterpreterCard::ReadModels() {
  for (size_t m = 0; m < plan_.models.size(); ++m) {
    const std::string path = "models[" + std::to_string(m) + "]";
    std::vector<ModelFile> files;
    for (const SegmentPlan& segment : plan_.models[m].segments) {
      files.push_back(ReadModelFile(segment.file));
      if (files.back().is_for_edgetpu == (edgetpu_ != nullptr)) continue;
      const std::string where = path + ".segments[" + std::to_string(files.size() - 1) + "]: ";
      throw BackendError(BackendFault::kFile,
                         where +
                             (edgetpu_ ? "expected a model compiled for the Edge TPU (edgetpu_compiler), got "
                                       : "expected a plain model with backend cpu, got one compiled for the Edge "
                                         "TPU: ") +
                             segment.file);
    }
    wirings_.push_back(WireSegments(std::move(files), path));
    MakeFolder(plan_.models[m].outputs);
    inputs_.push_back(std::make_unique<InputSamples>(wirings_.back().inputs, plan_.models[m].inputs, plan_.seed));
  }
  // No wiring moves from here on.
  for (const TaskPlan& task : plan_.tasks) exchanges_.push_back(std::make_unique<TensorExchange>(wirings_[task.model]));
}

}  // namespace joulespan
