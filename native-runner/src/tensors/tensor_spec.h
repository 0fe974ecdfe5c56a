// What a tensor is called and how it lies in memory.
#ifndef JOULESPAN_TENSORS_TENSOR_SPEC_H_
#define JOULESPAN_TENSORS_TENSOR_SPEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace joulespan {

// Element types that models have at their edges, numbered as TFLite's model files number them.
enum class ElementType : int8_t {
  kFloat32 = 0,
  kFloat16 = 1,
  kInt32 = 2,
  kUInt8 = 3,
  kInt64 = 4,
  kBool = 6,
  kInt16 = 7,
  kInt8 = 9,
  kFloat64 = 10,
};

struct TensorSpec {
  std::string name;
  ElementType type = ElementType::kFloat32;
  std::vector<int32_t> shape;

  bool IsLike(const TensorSpec& other) const { return type == other.type && shape == other.shape; }
};

bool IsKnownElementType(int type);
size_t BytesPerElement(ElementType type);
size_t ByteSize(const TensorSpec& spec);
const char* NameOf(ElementType type);
// As numpy writes it in a .npy header.
const char* NumpyNameOf(ElementType type);

// "uint8 1x224x224x3".
std::string ShapeText(ElementType type, const std::vector<int32_t>& shape);
std::string ShapeText(const TensorSpec& spec);

}  // namespace joulespan

#endif  // JOULESPAN_TENSORS_TENSOR_SPEC_H_
