#include "tensors/tensor_exchange.h"

namespace joulespan {

InferenceTensors::InferenceTensors(const ModelWiring& wiring) {
  for (const SegmentWiring& segment : wiring.segments) {
    tensors_.emplace_back(segment.file.outputs.size());
    for (size_t i = 0; i < segment.file.outputs.size(); ++i) {
      tensors_.back()[i].resize(ByteSize(segment.file.outputs[i]));
    }
  }
}

InferenceTensors* TensorExchange::Of(const SpanWork& work) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<InferenceTensors>& tensors = in_use_[KeyOf(work)];
  if (!tensors && !free_.empty()) {
    tensors = std::move(free_.back());
    free_.pop_back();
  }
  if (!tensors) tensors = std::make_unique<InferenceTensors>(wiring_);
  return tensors.get();
}

void TensorExchange::Drop(const SpanWork& work) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = in_use_.find(KeyOf(work));
  if (found == in_use_.end()) return;
  free_.push_back(std::move(found->second));
  in_use_.erase(found);
}

size_t TensorExchange::InUse() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return in_use_.size();
}

uint64_t TensorExchange::KeyOf(const SpanWork& work) {
  const bool is_warmup = work.kind == JS_KIND_WARMUP;
  return (uint64_t{is_warmup} << 32) | (is_warmup ? work.warmup_index : work.inference_id);
}

}  // namespace joulespan
