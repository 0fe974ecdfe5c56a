#include "tensors/tensor_spec.h"

namespace joulespan {
namespace {

struct TypeRow {
  ElementType type;
  size_t bytes;
  const char* name;
  const char* numpy_name;
};

constexpr TypeRow kTypes[] = {
    {ElementType::kFloat32, 4, "float32", "<f4"}, {ElementType::kFloat16, 2, "float16", "<f2"},
    {ElementType::kInt32, 4, "int32", "<i4"},     {ElementType::kUInt8, 1, "uint8", "|u1"},
    {ElementType::kInt64, 8, "int64", "<i8"},     {ElementType::kBool, 1, "bool", "|b1"},
    {ElementType::kInt16, 2, "int16", "<i2"},     {ElementType::kInt8, 1, "int8", "|i1"},
    {ElementType::kFloat64, 8, "float64", "<f8"},
};

const TypeRow* Find(int type) {
  for (const TypeRow& row : kTypes) {
    if (static_cast<int>(row.type) == type) return &row;
  }
  return nullptr;
}

const TypeRow& RowOf(ElementType type) { return *Find(static_cast<int>(type)); }

}  // namespace

bool IsKnownElementType(int type) { return Find(type) != nullptr; }

size_t BytesPerElement(ElementType type) { return RowOf(type).bytes; }

size_t ByteSize(const TensorSpec& spec) {
  size_t bytes = BytesPerElement(spec.type);
  for (const int32_t dimension : spec.shape) bytes *= static_cast<size_t>(dimension);
  return bytes;
}

const char* NameOf(ElementType type) { return RowOf(type).name; }

const char* NumpyNameOf(ElementType type) { return RowOf(type).numpy_name; }

std::string ShapeText(ElementType type, const std::vector<int32_t>& shape) {
  std::string text = NameOf(type);
  for (size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? " " : "x") + std::to_string(shape[i]);
  return text;
}

std::string ShapeText(const TensorSpec& spec) { return ShapeText(spec.type, spec.shape); }

}  // namespace joulespan
