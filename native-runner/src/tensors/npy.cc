#include "tensors/npy.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "backend/backend_error.h"

namespace joulespan {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicBytes = 6;
constexpr size_t kHeaderAlignment = 64;

std::string DictionaryOf(const TensorSpec& spec) {
  std::string shape;
  for (const int32_t dimension : spec.shape) shape += std::to_string(dimension) + ", ";
  if (spec.shape.size() > 1) shape.resize(shape.size() - 2);
  if (spec.shape.size() == 1) shape.pop_back();
  return std::string("{'descr': '") + NumpyNameOf(spec.type) + "', 'fortran_order': False, 'shape': (" + shape + "), }";
}

std::string WithoutSpaces(const std::string& text) {
  std::string squeezed;
  for (const char c : text) {
    if (c != ' ' && c != '\n') squeezed += c;
  }
  return squeezed;
}

// 0: the header is none of version 1.
size_t DataOffset(const std::string& bytes) {
  if (bytes.size() < 10 || bytes.compare(0, kMagicBytes, kMagic) != 0 || bytes[6] != 1) return 0;
  const size_t end = 10 + static_cast<uint8_t>(bytes[8]) + 256 * static_cast<uint8_t>(bytes[9]);
  return end <= bytes.size() ? end : 0;
}

}  // namespace

std::vector<char> ReadNpy(const std::string& path, const TensorSpec& spec) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const size_t data = DataOffset(bytes);
  const std::string expected = path + ": expected a .npy file of " + ShapeText(spec);
  if (!file) throw BackendError(BackendFault::kFile, expected + ", got: " + std::strerror(errno));
  if (data == 0) throw BackendError(BackendFault::kFile, expected + ", got no .npy header of version 1");
  const std::string header = bytes.substr(10, data - 10);
  TensorSpec without_batch = spec;
  if (!spec.shape.empty() && spec.shape.front() == 1) without_batch.shape.erase(without_batch.shape.begin());
  const std::string seen = WithoutSpaces(header);
  if (seen != WithoutSpaces(DictionaryOf(spec)) && seen != WithoutSpaces(DictionaryOf(without_batch))) {
    throw BackendError(BackendFault::kFile, expected + ", got " + seen);
  }
  if (bytes.size() - data != ByteSize(spec)) {
    throw BackendError(BackendFault::kFile, expected + ", got " + std::to_string(bytes.size() - data) + " bytes");
  }
  return {bytes.begin() + static_cast<std::ptrdiff_t>(data), bytes.end()};
}

void WriteNpy(const std::string& path, const TensorSpec& spec, const void* data) {
  std::string header = DictionaryOf(spec);
  const size_t unpadded = kMagicBytes + 4 + header.size() + 1;
  header.append((kHeaderAlignment - unpadded % kHeaderAlignment) % kHeaderAlignment, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(kMagic, kMagicBytes);
  const char version_and_length[4] = {1, 0, static_cast<char>(header.size() & 0xff),
                                      static_cast<char>(header.size() >> 8)};
  file.write(version_and_length, sizeof(version_and_length));
  file << header;
  file.write(static_cast<const char*>(data), static_cast<std::streamsize>(ByteSize(spec)));
  if (!file.flush()) throw BackendError(BackendFault::kFile, path + ": cannot be written: " + std::strerror(errno));
}

}  // namespace joulespan
