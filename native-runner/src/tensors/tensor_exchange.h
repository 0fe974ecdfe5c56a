// The tensors of inferences under way: what one segment left for later ones. Devices are threads of their own; each
// inference has its tensors to itself, so only finding them needs a lock.
#ifndef JOULESPAN_TENSORS_TENSOR_EXCHANGE_H_
#define JOULESPAN_TENSORS_TENSOR_EXCHANGE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "schedule/span_work.h"
#include "tensors/model_wiring.h"

namespace joulespan {

class InferenceTensors {
 public:
  explicit InferenceTensors(const ModelWiring& wiring);

  std::vector<char>& Of(const TensorSource& source) { return tensors_[source.segment][source.index]; }

 private:
  std::vector<std::vector<std::vector<char>>> tensors_;  // [segment][output]; empty where nobody wants them
};

class TensorExchange {
 public:
  // One per task. `wiring` outlives it.
  explicit TensorExchange(const ModelWiring& wiring) : wiring_(wiring) {}

  // Those of the inference or warm-up that `work` belongs to, from its first segment until Drop.
  InferenceTensors* Of(const SpanWork& work);
  void Drop(const SpanWork& work);

  size_t InUse();

 private:
  static uint64_t KeyOf(const SpanWork& work);

  const ModelWiring& wiring_;
  std::mutex mutex_;
  std::unordered_map<uint64_t, std::unique_ptr<InferenceTensors>> in_use_;
  std::vector<std::unique_ptr<InferenceTensors>> free_;  // allocated once, used again and again
};

}  // namespace joulespan

#endif  // JOULESPAN_TENSORS_TENSOR_EXCHANGE_H_
