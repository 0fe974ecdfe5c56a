#include "tensors/input_samples.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "backend/backend_error.h"
#include "random/keyed_random.h"
#include "tensors/npy.h"

namespace joulespan {
namespace {

// Enough that no cache line of an input is hot by chance, few enough to stay in memory for the largest images.
constexpr uint32_t kRandomSamples = 8;

void Fill(ElementType type, KeyedRandom* random, std::vector<char>* bytes) {
  if (type == ElementType::kFloat32) {
    for (size_t at = 0; at + sizeof(float) <= bytes->size(); at += sizeof(float)) {
      const auto value = static_cast<float>(random->Uniform());
      std::memcpy(&(*bytes)[at], &value, sizeof(value));
    }
    return;
  }
  if (type == ElementType::kUInt8 || type == ElementType::kInt8) {
    for (char& byte : *bytes) byte = static_cast<char>(random->Next());
    return;
  }
  // Indices, flags, halves: any bit pattern would be no value of theirs; 0 is one of all.
  std::fill(bytes->begin(), bytes->end(), 0);
}

}  // namespace

InputSamples::InputSamples(const std::vector<TensorSpec>& inputs, const std::string& from, uint64_t seed) {
  if (from == "random") {
    Draw(inputs, seed);
  } else if (std::filesystem::is_directory(from)) {
    ReadFolder(inputs, from);
  } else {
    ReadRaw(inputs, from);
  }
}

void InputSamples::Draw(const std::vector<TensorSpec>& inputs, uint64_t seed) {
  for (uint32_t n = 0; n < kRandomSamples; ++n) {
    samples_.emplace_back();
    for (size_t i = 0; i < inputs.size(); ++i) {
      KeyedRandom random(seed, RandomUse::kInput, {n, i});
      samples_.back().emplace_back(ByteSize(inputs[i]));
      Fill(inputs[i].type, &random, &samples_.back().back());
    }
  }
}

void InputSamples::ReadFolder(const std::vector<TensorSpec>& inputs, const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".npy") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  if (paths.empty() || paths.size() % inputs.size() != 0) {
    throw BackendError(BackendFault::kFile, folder + ": expected .npy files, " + std::to_string(inputs.size()) +
                                                " for each inference, got " + std::to_string(paths.size()));
  }
  for (size_t at = 0; at < paths.size(); at += inputs.size()) {
    samples_.emplace_back();
    for (size_t i = 0; i < inputs.size(); ++i) samples_.back().push_back(ReadNpy(paths[at + i], inputs[i]));
  }
}

void InputSamples::ReadRaw(const std::vector<TensorSpec>& inputs, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    throw BackendError(BackendFault::kFile, path + ": expected readable inputs, got: " + std::strerror(errno));
  }
  size_t sample_bytes = 0;
  for (const TensorSpec& input : inputs) sample_bytes += ByteSize(input);
  if (bytes.empty() || bytes.size() % sample_bytes != 0) {
    throw BackendError(BackendFault::kFile, path + ": expected a multiple of the " + std::to_string(sample_bytes) +
                                                " bytes of one inference's inputs, got " +
                                                std::to_string(bytes.size()));
  }
  for (size_t at = 0; at < bytes.size();) {
    samples_.emplace_back();
    for (const TensorSpec& input : inputs) {
      const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      samples_.back().emplace_back(begin, begin + static_cast<std::ptrdiff_t>(ByteSize(input)));
      at += ByteSize(input);
    }
  }
}

}  // namespace joulespan
