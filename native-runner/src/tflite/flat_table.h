// Reads the tables of a FlatBuffer (flatbuffers.dev, "Internals") and refuses every offset that leads out of it.
#ifndef JOULESPAN_TFLITE_FLAT_TABLE_H_
#define JOULESPAN_TFLITE_FLAT_TABLE_H_

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace joulespan {

class FlatBufferError : public std::runtime_error {
 public:
  explicit FlatBufferError(uint64_t offset)
      : std::runtime_error("an offset that leads out of the file at byte " + std::to_string(offset)) {}
};

template <typename T>
T ReadFlat(std::string_view bytes, uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) throw FlatBufferError(offset);
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

class FlatVector {
 public:
  FlatVector() = default;
  // Of elements of `element_bytes`, with its length in front.
  FlatVector(std::string_view bytes, uint64_t at, size_t element_bytes) : bytes_(bytes), first_(at + 4) {
    size_ = ReadFlat<uint32_t>(bytes, at);
    if (uint64_t{size_} * element_bytes > bytes.size() - first_) throw FlatBufferError(at);
  }

  uint32_t size() const { return size_; }
  template <typename T>
  T At(uint32_t index) const {
    return ReadFlat<T>(bytes_, first_ + uint64_t{index} * sizeof(T));
  }
  // Where the table or string that element `index` points to lies.
  uint64_t TargetOf(uint32_t index) const {
    const uint64_t at = first_ + 4 * uint64_t{index};
    return at + ReadFlat<uint32_t>(bytes_, at);
  }
  std::string_view Text() const { return bytes_.substr(first_, size_); }

 private:
  std::string_view bytes_;
  uint64_t first_ = 0;
  uint32_t size_ = 0;
};

class FlatTable {
 public:
  FlatTable(std::string_view bytes, uint64_t at) : bytes_(bytes), at_(at) {
    const int64_t vtable = static_cast<int64_t>(at) - ReadFlat<int32_t>(bytes, at);
    if (vtable < 0) throw FlatBufferError(at);
    vtable_ = static_cast<uint64_t>(vtable);
    vtable_bytes_ = ReadFlat<uint16_t>(bytes, vtable_);
    const uint64_t table_bytes = ReadFlat<uint16_t>(bytes, vtable_ + 2);
    if (vtable_ + vtable_bytes_ > bytes.size() || at + table_bytes > bytes.size()) throw FlatBufferError(at);
  }

  template <typename T>
  T Scalar(int slot, T otherwise) const {
    const uint64_t field = FieldAt(slot);
    return field == 0 ? otherwise : ReadFlat<T>(bytes_, field);
  }
  bool Has(int slot) const { return FieldAt(slot) != 0; }
  // Empty when the field is absent.
  FlatVector Vector(int slot, size_t element_bytes) const {
    const uint64_t field = FieldAt(slot);
    return field == 0 ? FlatVector() : FlatVector(bytes_, field + ReadFlat<uint32_t>(bytes_, field), element_bytes);
  }
  FlatTable Table(int slot) const {
    const uint64_t field = FieldAt(slot);
    return FlatTable(bytes_, field + ReadFlat<uint32_t>(bytes_, field));
  }
  std::string_view Text(int slot) const { return Vector(slot, 1).Text(); }
  FlatTable TableOf(const FlatVector& vector, uint32_t index) const {
    return FlatTable(bytes_, vector.TargetOf(index));
  }

 private:
  // 0: absent.
  uint64_t FieldAt(int slot) const {
    const uint64_t entry = 4 + 2 * static_cast<uint64_t>(slot);
    if (entry + 2 > vtable_bytes_) return 0;
    const uint16_t offset = ReadFlat<uint16_t>(bytes_, vtable_ + entry);
    return offset == 0 ? 0 : at_ + offset;
  }

  std::string_view bytes_;
  uint64_t at_ = 0;
  uint64_t vtable_ = 0;
  uint64_t vtable_bytes_ = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_TFLITE_FLAT_TABLE_H_
