// How the segments of a model hang together: which tensor of which segment feeds which input, by name. A tensor may
// skip segments; the model's own inputs may be read by any segment.
#ifndef JOULESPAN_TENSORS_MODEL_WIRING_H_
#define JOULESPAN_TENSORS_MODEL_WIRING_H_

#include <string>
#include <vector>

#include "tflite/model_file.h"

namespace joulespan {

constexpr int kFromModelInput = -1;

struct TensorSource {
  int segment = kFromModelInput;
  size_t index = 0;  // of its outputs, or of the model's inputs
};

struct SegmentWiring {
  ModelFile file;
  std::vector<TensorSource> inputs;  // of each input
  std::vector<bool> is_read_later;   // each output
};

struct ModelWiring {
  std::vector<TensorSpec> inputs;  // those of the first segment
  std::vector<SegmentWiring> segments;
  // What the model gives: all outputs of the last segment, and those of others that no segment reads. In order of
  // segments.
  std::vector<TensorSource> outputs;

  const TensorSpec& SpecOf(const TensorSource& source) const {
    return source.segment == kFromModelInput ? inputs[source.index]
                                             : segments[source.segment].file.outputs[source.index];
  }
};

// `path` names the model in messages, as "models[0]". Throws BackendError with one line.
ModelWiring WireSegments(std::vector<ModelFile> files, const std::string& path);

}  // namespace joulespan

#endif  // JOULESPAN_TENSORS_MODEL_WIRING_H_
