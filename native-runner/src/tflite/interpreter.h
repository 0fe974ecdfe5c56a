// One model in TFLite's hands, with or without a delegate.
#ifndef JOULESPAN_TFLITE_INTERPRETER_H_
#define JOULESPAN_TFLITE_INTERPRETER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tensors/tensor_spec.h"
#include "tflite/model_file.h"
#include "tflite/tflite_library.h"

namespace joulespan {

struct InterpreterSettings {
  int32_t threads = 1;
  TfLiteDelegate* delegate = nullptr;  // outlives the interpreter; null: the processor alone
};

class Interpreter {
 public:
  // `library` outlives it. Throws BackendError.
  Interpreter(const TfliteLibrary& library, const ModelFile& model, const InterpreterSettings& settings);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // Of the sizes in the model file.
  void* input(size_t index) const { return inputs_[index]; }
  const void* output(size_t index) const { return outputs_[index]; }

  // False when it failed; `last_words` then says why.
  bool Invoke();
  const std::string& last_words() const { return last_words_; }

 private:
  static void Report(void* self, const char* format, va_list arguments);
  void Build(const InterpreterSettings& settings);
  void TakeTensors(const ModelFile& model);
  void Free();

  const TfliteLibrary& library_;
  const std::string path_;
  TfLiteModel* model_ = nullptr;
  TfLiteInterpreterOptions* options_ = nullptr;
  TfLiteInterpreter* interpreter_ = nullptr;
  std::vector<void*> inputs_;
  std::vector<const void*> outputs_;
  std::string last_words_;
};

}  // namespace joulespan

#endif  // JOULESPAN_TFLITE_INTERPRETER_H_
