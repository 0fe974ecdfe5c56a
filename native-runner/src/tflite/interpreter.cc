#include "tflite/interpreter.h"

#include <cstdio>

#include "backend/backend_error.h"
#include "library/driver_guard.h"

namespace joulespan {
namespace {

std::string Because(const std::string& last_words) {
  return last_words.empty() ? std::string(", without a reason") : ": " + last_words;
}

}  // namespace

Interpreter::Interpreter(const TfliteLibrary& library, const ModelFile& model, const InterpreterSettings& settings)
    : library_(library), path_(model.path) {
  const DriverCall guard("loading " + path_);
  try {
    Build(settings);
    TakeTensors(model);
  } catch (...) {
    Free();
    throw;
  }
}

Interpreter::~Interpreter() {
  const DriverCall guard("unloading " + path_);
  Free();
}

bool Interpreter::Invoke() {
  last_words_.clear();
  return library_.call().Invoke(interpreter_) == kTfLiteOk;
}

void Interpreter::Build(const InterpreterSettings& settings) {
  const TfLiteFunctions& call = library_.call();
  const auto refused = [this](const std::string& by) {
    return BackendError(BackendFault::kFile, path_ + ": refused by " + by + Because(last_words_));
  };
  const std::string tflite = "TFLite " + library_.version();
  model_ = call.ModelCreateFromFile(path_.c_str());
  if (model_ == nullptr) throw refused(tflite);
  options_ = call.OptionsCreate();
  call.OptionsSetErrorReporter(options_, Report, this);
  call.OptionsSetNumThreads(options_, settings.threads);
  if (settings.delegate != nullptr) {
    call.OptionsAddDelegate(options_, settings.delegate);
    // A model that falls back to the processor would be measured as if it ran on the device.
    if (call.OptionsSetEnableDelegateFallback != nullptr) call.OptionsSetEnableDelegateFallback(options_, false);
  }
  const std::string by = settings.delegate == nullptr ? tflite : "the Edge TPU delegate or " + tflite;
  interpreter_ = call.InterpreterCreate(model_, options_);
  if (interpreter_ == nullptr) throw refused(by);
  if (call.AllocateTensors(interpreter_) != kTfLiteOk) throw refused(by);
}

void Interpreter::TakeTensors(const ModelFile& model) {
  const TfLiteFunctions& call = library_.call();
  const auto check = [&](const TensorSpec& spec, const TfLiteTensor* tensor) {
    const bool is_whole = tensor != nullptr && call.TensorData(tensor) != nullptr;
    const size_t bytes = is_whole ? call.TensorByteSize(tensor) : 0;
    if (bytes == ByteSize(spec)) return;
    throw BackendError(BackendFault::kFile, path_ + ": expected " + std::to_string(ByteSize(spec)) +
                                                " bytes of tensor \"" + spec.name + "\", got " + std::to_string(bytes) +
                                                " from TFLite " + library_.version());
  };
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    TfLiteTensor* tensor = call.InputTensor(interpreter_, static_cast<int32_t>(i));
    check(model.inputs[i], tensor);
    inputs_.push_back(call.TensorData(tensor));
  }
  for (size_t i = 0; i < model.outputs.size(); ++i) {
    const TfLiteTensor* tensor = call.OutputTensor(interpreter_, static_cast<int32_t>(i));
    check(model.outputs[i], tensor);
    outputs_.push_back(call.TensorData(tensor));
  }
}

void Interpreter::Free() {
  const TfLiteFunctions& call = library_.call();
  if (interpreter_ != nullptr) call.InterpreterDelete(interpreter_);
  if (options_ != nullptr) call.OptionsDelete(options_);
  if (model_ != nullptr) call.ModelDelete(model_);
}

// The first words are the cause; what follows are its consequences.
void Interpreter::Report(void* self, const char* format, va_list arguments) {
  char line[512];
  std::vsnprintf(line, sizeof(line), format, arguments);
  std::string& words = static_cast<Interpreter*>(self)->last_words_;
  if (!words.empty()) return;
  words = line;
  for (char& c : words) {
    if (c == '\n') c = ' ';
  }
  while (!words.empty() && words.back() == ' ') words.pop_back();
}

}  // namespace joulespan
