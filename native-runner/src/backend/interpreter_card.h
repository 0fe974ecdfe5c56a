// What the devices of a real backend share: the libraries, how segments hang together, inputs, and tensors under way.
#ifndef JOULESPAN_BACKEND_INTERPRETER_CARD_H_
#define JOULESPAN_BACKEND_INTERPRETER_CARD_H_

#include <memory>
#include <string>
#include <vector>

#include "backend/backend_identity.h"
#include "plan/plan.h"
#include "tensors/input_samples.h"
#include "tensors/model_wiring.h"
#include "tensors/tensor_exchange.h"
#include "tflite/edgetpu_library.h"
#include "tflite/tflite_library.h"

namespace joulespan {

class InterpreterCard {
 public:
  // Opens the libraries, finds the devices, reads every model and input. `plan` outlives it. Throws BackendError.
  explicit InterpreterCard(const Plan& plan);

  const Plan& plan() const { return plan_; }
  const TfliteLibrary& tflite() const { return tflite_; }
  const EdgetpuLibrary* edgetpu() const { return edgetpu_.get(); }  // null: the processor
  const EdgeTpu& edge_tpu(uint16_t device) const { return edge_tpus_[device]; }

  const ModelWiring& wiring(uint16_t model) const { return wirings_[model]; }
  const InputSamples& inputs(uint16_t model) const { return *inputs_[model]; }
  TensorExchange* exchange(uint16_t task) { return exchanges_[task].get(); }

  BackendIdentity Identity() const;

 private:
  void FindDevices();
  void ReadModels();

  const Plan& plan_;
  const TfliteLibrary tflite_;
  std::unique_ptr<EdgetpuLibrary> edgetpu_;
  std::vector<EdgeTpu> edge_tpus_;  // of each device of the plan
  std::vector<ModelWiring> wirings_;
  std::vector<std::unique_ptr<InputSamples>> inputs_;
  std::vector<std::unique_ptr<TensorExchange>> exchanges_;
};

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_INTERPRETER_CARD_H_
