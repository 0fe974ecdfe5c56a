#include "tflite/tflite_library.h"

#include "backend/backend_error.h"
#include "library/driver_guard.h"
#include "library/version_text.h"

namespace joulespan {
namespace {

constexpr int kSchemaVersion = 3;

}  // namespace

TfliteLibrary::TfliteLibrary(const std::string& path, const std::string& expected_version)
    : library_(path, "TFLite's C library", "--tflite") {
  library_.Require("TfLiteVersion", &call_.Version);
  library_.Find("TfLiteSchemaVersion", &call_.SchemaVersion);
  library_.Require("TfLiteModelCreateFromFile", &call_.ModelCreateFromFile);
  library_.Require("TfLiteModelDelete", &call_.ModelDelete);
  library_.Require("TfLiteInterpreterOptionsCreate", &call_.OptionsCreate);
  library_.Require("TfLiteInterpreterOptionsDelete", &call_.OptionsDelete);
  library_.Require("TfLiteInterpreterOptionsSetNumThreads", &call_.OptionsSetNumThreads);
  library_.Require("TfLiteInterpreterOptionsAddDelegate", &call_.OptionsAddDelegate);
  library_.Require("TfLiteInterpreterOptionsSetErrorReporter", &call_.OptionsSetErrorReporter);
  library_.Find("TfLiteInterpreterOptionsSetEnableDelegateFallback", &call_.OptionsSetEnableDelegateFallback);
  library_.Require("TfLiteInterpreterCreate", &call_.InterpreterCreate);
  library_.Require("TfLiteInterpreterDelete", &call_.InterpreterDelete);
  library_.Require("TfLiteInterpreterAllocateTensors", &call_.AllocateTensors);
  library_.Require("TfLiteInterpreterInvoke", &call_.Invoke);
  library_.Require("TfLiteInterpreterGetInputTensorCount", &call_.InputTensorCount);
  library_.Require("TfLiteInterpreterGetInputTensor", &call_.InputTensor);
  library_.Require("TfLiteInterpreterGetOutputTensorCount", &call_.OutputTensorCount);
  library_.Require("TfLiteInterpreterGetOutputTensor", &call_.OutputTensor);
  library_.Require("TfLiteTensorByteSize", &call_.TensorByteSize);
  library_.Require("TfLiteTensorData", &call_.TensorData);
  library_.Require("TfLiteTensorName", &call_.TensorName);

  const DriverCall guard("asking " + path + " for its version");
  version_ = call_.Version();
  const std::string expected = expected_version.empty() ? "2" : expected_version;
  if (!BeginsWithVersion(version_, expected)) {
    throw BackendError(BackendFault::kFile,
                       "--tflite: expected TFLite " + expected + ", got version " + version_ + " in " + path);
  }
  if (call_.SchemaVersion != nullptr && call_.SchemaVersion() != kSchemaVersion) {
    throw BackendError(BackendFault::kFile, "--tflite: expected model schema 3, got " +
                                                std::to_string(call_.SchemaVersion()) + " in " + path);
  }
}

}  // namespace joulespan
