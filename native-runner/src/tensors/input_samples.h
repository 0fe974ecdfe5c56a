// What a model is fed with: samples in memory, used in turn.
#ifndef JOULESPAN_TENSORS_INPUT_SAMPLES_H_
#define JOULESPAN_TENSORS_INPUT_SAMPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tensors/tensor_spec.h"

namespace joulespan {

class InputSamples {
 public:
  // `from`: "random" (drawn from `seed`), a file of raw tensors (all inputs of a sample one after the other), or a
  // folder of .npy files in order of name (for several inputs: NAME.0.npy, NAME.1.npy, ..). Throws BackendError.
  InputSamples(const std::vector<TensorSpec>& inputs, const std::string& from, uint64_t seed);

  size_t size() const { return samples_.size(); }
  // Inference `number` gets sample `number` modulo the number of samples.
  const std::vector<char>& Of(uint32_t number, size_t input) const { return samples_[number % samples_.size()][input]; }

 private:
  void Draw(const std::vector<TensorSpec>& inputs, uint64_t seed);
  void ReadFolder(const std::vector<TensorSpec>& inputs, const std::string& folder);
  void ReadRaw(const std::vector<TensorSpec>& inputs, const std::string& path);

  std::vector<std::vector<std::vector<char>>> samples_;  // [sample][input]
};

}  // namespace joulespan

#endif  // JOULESPAN_TENSORS_INPUT_SAMPLES_H_
