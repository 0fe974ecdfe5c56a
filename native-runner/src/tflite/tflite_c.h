// The part of TFLite's C API that the runner calls, declared here so that nothing of TFLite is needed to build it
// (tensorflow/lite/core/c/c_api.h, stable since 2.5).
#ifndef JOULESPAN_TFLITE_TFLITE_C_H_
#define JOULESPAN_TFLITE_TFLITE_C_H_

#include <cstdarg>
#include <cstddef>
#include <cstdint>

namespace joulespan {

// Only pointers to them cross the boundary.
struct TfLiteModel;
struct TfLiteInterpreterOptions;
struct TfLiteInterpreter;
struct TfLiteTensor;
struct TfLiteDelegate;

enum TfLiteStatus : int { kTfLiteOk = 0, kTfLiteError = 1, kTfLiteDelegateError = 2, kTfLiteApplicationError = 3 };

using TfLiteErrorReporter = void (*)(void* user_data, const char* format, va_list arguments);

struct TfLiteFunctions {
  const char* (*Version)();
  int (*SchemaVersion)();  // null before 2.10
  TfLiteModel* (*ModelCreateFromFile)(const char* path);
  void (*ModelDelete)(TfLiteModel*);
  TfLiteInterpreterOptions* (*OptionsCreate)();
  void (*OptionsDelete)(TfLiteInterpreterOptions*);
  void (*OptionsSetNumThreads)(TfLiteInterpreterOptions*, int32_t);
  void (*OptionsAddDelegate)(TfLiteInterpreterOptions*, TfLiteDelegate*);
  void (*OptionsSetErrorReporter)(TfLiteInterpreterOptions*, TfLiteErrorReporter, void* user_data);
  void (*OptionsSetEnableDelegateFallback)(TfLiteInterpreterOptions*, bool);  // experimental: may be null
  TfLiteInterpreter* (*InterpreterCreate)(const TfLiteModel*, const TfLiteInterpreterOptions*);
  void (*InterpreterDelete)(TfLiteInterpreter*);
  TfLiteStatus (*AllocateTensors)(TfLiteInterpreter*);
  TfLiteStatus (*Invoke)(TfLiteInterpreter*);
  int32_t (*InputTensorCount)(const TfLiteInterpreter*);
  TfLiteTensor* (*InputTensor)(const TfLiteInterpreter*, int32_t index);
  int32_t (*OutputTensorCount)(const TfLiteInterpreter*);
  const TfLiteTensor* (*OutputTensor)(const TfLiteInterpreter*, int32_t index);
  size_t (*TensorByteSize)(const TfLiteTensor*);
  void* (*TensorData)(const TfLiteTensor*);
  const char* (*TensorName)(const TfLiteTensor*);
};

}  // namespace joulespan

#endif  // JOULESPAN_TFLITE_TFLITE_C_H_
