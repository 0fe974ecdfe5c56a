// A device on which TFLite runs: an Edge TPU through libedgetpu's delegate, or the processor without one.
#ifndef JOULESPAN_BACKEND_INTERPRETER_DEVICE_H_
#define JOULESPAN_BACKEND_INTERPRETER_DEVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "backend/device.h"
#include "backend/interpreter_card.h"
#include "tflite/interpreter.h"

namespace joulespan {

class InterpreterDevice : public Device {
 public:
  InterpreterDevice(std::shared_ptr<InterpreterCard> card, uint16_t number)
      : card_(std::move(card)), plan_(card_->plan()), number_(number) {}
  ~InterpreterDevice() override { Close(); }

  void Open() override;
  void Close() override;
  void Prepare(const SpanWork& work) override;
  void ForecastPower(int64_t, std::vector<PowerRecord>*) const override {}
  std::optional<double> SpanPowerW() const override;
  std::optional<double> IdlePowerW(uint16_t state) const override;
  void Load(int64_t start_ns) override;
  bool Invoke(int64_t start_ns) override;
  void Unload(int64_t start_ns) override;
  void Finish(bool ok) override;

 private:
  struct Resident {
    uint16_t model = 0;
    uint16_t segment = 0;
    std::string invoking;  // what the driver guard says
    std::unique_ptr<Interpreter> interpreter;
  };

  std::vector<Resident>::iterator FindResident();
  void PutInputs();
  void TakeOutputs();
  void SaveOutputs();

  const std::shared_ptr<InterpreterCard> card_;
  const Plan& plan_;
  const uint16_t number_;
  TfLiteDelegate* delegate_ = nullptr;
  std::vector<Resident> residents_;
  SpanWork work_;
  Interpreter* running_ = nullptr;       // of the prepared stage
  const char* invoking_ = nullptr;       // of the prepared stage
  InferenceTensors* tensors_ = nullptr;  // of the prepared stage
};

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_INTERPRETER_DEVICE_H_
