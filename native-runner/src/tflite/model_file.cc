#include "tflite/model_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "backend/backend_error.h"
#include "tflite/flat_table.h"

namespace joulespan {
namespace {

// Slots of the tables in TFLite's schema 3 (tensorflow/compiler/mlir/lite/schema/schema.fbs).
namespace model_slot {
constexpr int kOperatorCodes = 1, kSubgraphs = 2, kBuffers = 4;
}
namespace operator_code_slot {
constexpr int kCustomCode = 1;
}
namespace subgraph_slot {
constexpr int kTensors = 0, kInputs = 1, kOutputs = 2, kOperators = 3;
}
namespace tensor_slot {
constexpr int kShape = 0, kType = 1, kBuffer = 2, kName = 3;
}
namespace operator_slot {
constexpr int kOpcodeIndex = 0, kInputs = 1, kOutputs = 2, kBuiltinOptions = 4, kCustomOptions = 5;
}
namespace buffer_slot {
constexpr int kData = 0, kOffset = 1, kSize = 2;
}

// Of one input or output: beyond any that a device could take.
constexpr uint64_t kElementsMax = 1 << 30;
constexpr std::string_view kIdentifier = "TFL3";
constexpr std::string_view kEdgeTpuOperator = "edgetpu-custom-op";

void CheckOperators(const FlatTable& subgraph, uint32_t tensors, uint32_t operator_codes);
void CheckBuffers(const FlatTable& model, std::string_view bytes);
std::vector<TensorSpec> ReadEdge(const FlatTable& subgraph, int slot, const FlatVector& tensors);
TensorSpec ReadTensor(const FlatTable& tensor);
bool HasEdgeTpuOperator(const FlatTable& model, const FlatVector& operator_codes);

}  // namespace

ModelFile ReadModelFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    throw BackendError(BackendFault::kFile, path + ": expected a readable model file, got: " + std::strerror(errno));
  }
  return ParseModelFile(bytes, path);
}

ModelFile ParseModelFile(const std::string& bytes, const std::string& path) {
  if (bytes.size() < 8 || bytes.compare(4, kIdentifier.size(), kIdentifier) != 0) {
    throw BackendError(BackendFault::kFile, path + ": expected a TFLite model, got a file without the mark TFL3");
  }
  try {
    const FlatTable model(bytes, ReadFlat<uint32_t>(bytes, 0));
    const FlatVector subgraphs = model.Vector(model_slot::kSubgraphs, 4);
    const FlatVector operator_codes = model.Vector(model_slot::kOperatorCodes, 4);
    if (subgraphs.size() == 0) throw FlatBufferError(0);
    ModelFile result;
    result.path = path;
    for (uint32_t g = 0; g < subgraphs.size(); ++g) {
      const FlatTable subgraph = model.TableOf(subgraphs, g);
      const FlatVector tensors = subgraph.Vector(subgraph_slot::kTensors, 4);
      for (uint32_t t = 0; t < tensors.size(); ++t) {
        const FlatTable tensor = subgraph.TableOf(tensors, t);
        tensor.Vector(tensor_slot::kShape, 4);
        tensor.Text(tensor_slot::kName);
        if (tensor.Scalar<uint32_t>(tensor_slot::kBuffer, 0) >= model.Vector(model_slot::kBuffers, 4).size()) {
          throw FlatBufferError(tensors.TargetOf(t));
        }
      }
      CheckOperators(subgraph, tensors.size(), operator_codes.size());
      if (g > 0) continue;
      result.inputs = ReadEdge(subgraph, subgraph_slot::kInputs, tensors);
      result.outputs = ReadEdge(subgraph, subgraph_slot::kOutputs, tensors);
      if (result.inputs.empty() || result.outputs.empty()) {
        throw std::invalid_argument("expected a model with inputs and outputs, got one without");
      }
    }
    CheckBuffers(model, bytes);
    result.is_for_edgetpu = HasEdgeTpuOperator(model, operator_codes);
    return result;
  } catch (const FlatBufferError& error) {
    throw BackendError(BackendFault::kFile, path + ": expected a whole TFLite model, got " + error.what());
  } catch (const std::invalid_argument& error) {
    throw BackendError(BackendFault::kFile, path + ": " + error.what());
  }
}

namespace {

void CheckOperators(const FlatTable& subgraph, uint32_t tensors, uint32_t operator_codes) {
  const FlatVector operators = subgraph.Vector(subgraph_slot::kOperators, 4);
  for (uint32_t i = 0; i < operators.size(); ++i) {
    const FlatTable one = subgraph.TableOf(operators, i);
    if (one.Scalar<uint32_t>(operator_slot::kOpcodeIndex, 0) >= operator_codes) {
      throw FlatBufferError(operators.TargetOf(i));
    }
    for (const int slot : {operator_slot::kInputs, operator_slot::kOutputs}) {
      const FlatVector indices = one.Vector(slot, 4);
      for (uint32_t k = 0; k < indices.size(); ++k) {
        const int32_t index = indices.At<int32_t>(k);  // -1: an optional input left out
        if (index < -1 || index >= static_cast<int64_t>(tensors)) throw FlatBufferError(operators.TargetOf(i));
      }
    }
    if (one.Has(operator_slot::kBuiltinOptions)) one.Table(operator_slot::kBuiltinOptions);
    one.Vector(operator_slot::kCustomOptions, 1);
  }
}

// Weights lie in the buffers, or behind the FlatBuffer where offset and size say.
void CheckBuffers(const FlatTable& model, std::string_view bytes) {
  const FlatVector buffers = model.Vector(model_slot::kBuffers, 4);
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    const FlatTable buffer = model.TableOf(buffers, i);
    buffer.Vector(buffer_slot::kData, 1);
    const uint64_t offset = buffer.Scalar<uint64_t>(buffer_slot::kOffset, 0);
    const uint64_t size = buffer.Scalar<uint64_t>(buffer_slot::kSize, 0);
    if (offset > 1 && (offset > bytes.size() || size > bytes.size() - offset)) throw FlatBufferError(offset);
  }
}

std::vector<TensorSpec> ReadEdge(const FlatTable& subgraph, int slot, const FlatVector& tensors) {
  const FlatVector indices = subgraph.Vector(slot, 4);
  std::vector<TensorSpec> edge;
  for (uint32_t i = 0; i < indices.size(); ++i) {
    const int32_t index = indices.At<int32_t>(i);
    if (index < 0 || index >= static_cast<int64_t>(tensors.size())) throw FlatBufferError(0);
    edge.push_back(ReadTensor(subgraph.TableOf(tensors, static_cast<uint32_t>(index))));
  }
  return edge;
}

TensorSpec ReadTensor(const FlatTable& tensor) {
  TensorSpec spec;
  spec.name = std::string(tensor.Text(tensor_slot::kName));
  const int type = tensor.Scalar<int8_t>(tensor_slot::kType, 0);
  if (!IsKnownElementType(type)) {
    throw std::invalid_argument("expected numbers at inputs and outputs, got element type " + std::to_string(type) +
                                " of tensor \"" + spec.name + "\"");
  }
  spec.type = static_cast<ElementType>(type);
  const FlatVector shape = tensor.Vector(tensor_slot::kShape, 4);
  uint64_t elements = 1;
  for (uint32_t i = 0; i < shape.size(); ++i) {
    spec.shape.push_back(shape.At<int32_t>(i));
    if (spec.shape.back() <= 0) {
      throw std::invalid_argument("expected a fixed shape of tensor \"" + spec.name + "\", got a dimension of " +
                                  std::to_string(spec.shape.back()));
    }
    elements *= static_cast<uint64_t>(spec.shape.back());
    if (elements > kElementsMax) {
      throw std::invalid_argument("expected at most " + std::to_string(kElementsMax) + " elements of tensor \"" +
                                  spec.name + "\", got more");
    }
  }
  return spec;
}

bool HasEdgeTpuOperator(const FlatTable& model, const FlatVector& operator_codes) {
  for (uint32_t i = 0; i < operator_codes.size(); ++i) {
    if (model.TableOf(operator_codes, i).Text(operator_code_slot::kCustomCode) == kEdgeTpuOperator) return true;
  }
  return false;
}

}  // namespace
}  // namespace joulespan
