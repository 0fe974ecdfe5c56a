// What the runner wants to know of a .tflite file before TFLite sees it: inputs and outputs, whether it was compiled
// for the Edge TPU, and that no offset leads out of the file. TFLite reads files unchecked: a truncated one would crash
// it.
#ifndef JOULESPAN_TFLITE_MODEL_FILE_H_
#define JOULESPAN_TFLITE_MODEL_FILE_H_

#include <string>
#include <vector>

#include "tensors/tensor_spec.h"

namespace joulespan {

struct ModelFile {
  std::string path;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  bool is_for_edgetpu = false;
};

// Throws BackendError with one line that names the file.
ModelFile ReadModelFile(const std::string& path);

// The same of bytes in memory; `path` names them.
ModelFile ParseModelFile(const std::string& bytes, const std::string& path);

}  // namespace joulespan

#endif  // JOULESPAN_TFLITE_MODEL_FILE_H_
