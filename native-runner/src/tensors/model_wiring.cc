#include "tensors/model_wiring.h"

#include <optional>

#include "backend/backend_error.h"

namespace joulespan {
namespace {

// The latest segment before `segment` that gives a tensor of this name, else the model's input of this name.
std::optional<TensorSource> FindSource(const ModelWiring& wiring, size_t segment, const std::string& name) {
  for (size_t s = segment; s-- > 0;) {
    const std::vector<TensorSpec>& outputs = wiring.segments[s].file.outputs;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].name == name) return TensorSource{static_cast<int>(s), i};
    }
  }
  for (size_t i = 0; i < wiring.inputs.size(); ++i) {
    if (wiring.inputs[i].name == name) return TensorSource{kFromModelInput, i};
  }
  return std::nullopt;
}

std::string PlaceOf(const TensorSource& source) {
  return source.segment == kFromModelInput ? "the model's input" : "segment " + std::to_string(source.segment);
}

}  // namespace

ModelWiring WireSegments(std::vector<ModelFile> files, const std::string& path) {
  ModelWiring wiring;
  wiring.inputs = files.front().inputs;
  for (ModelFile& file : files) {
    SegmentWiring segment;
    segment.is_read_later.assign(file.outputs.size(), false);
    segment.file = std::move(file);
    wiring.segments.push_back(std::move(segment));
  }
  for (size_t s = 0; s < wiring.segments.size(); ++s) {
    SegmentWiring& segment = wiring.segments[s];
    const std::string where = path + ".segments[" + std::to_string(s) + "] (" + segment.file.path + "): ";
    for (const TensorSpec& input : segment.file.inputs) {
      const std::optional<TensorSource> source = FindSource(wiring, s, input.name);
      if (!source) {
        throw BackendError(BackendFault::kFile, where + "expected input \"" + input.name +
                                                    "\" among the outputs of earlier segments and the model's inputs, "
                                                    "got it nowhere; are the segments in order?");
      }
      const TensorSpec& spec = wiring.SpecOf(*source);
      if (!spec.IsLike(input)) {
        throw BackendError(BackendFault::kFile, where + "expected input \"" + input.name + "\" as " + ShapeText(input) +
                                                    ", got " + ShapeText(spec) + " from " + PlaceOf(*source));
      }
      if (source->segment != kFromModelInput) wiring.segments[source->segment].is_read_later[source->index] = true;
      segment.inputs.push_back(*source);
    }
  }
  for (size_t s = 0; s < wiring.segments.size(); ++s) {
    const SegmentWiring& segment = wiring.segments[s];
    for (size_t i = 0; i < segment.file.outputs.size(); ++i) {
      const bool is_last = s + 1 == wiring.segments.size();
      if (is_last || !segment.is_read_later[i]) wiring.outputs.push_back({static_cast<int>(s), i});
    }
  }
  return wiring;
}

}  // namespace joulespan
