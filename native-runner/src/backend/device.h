// What the runner needs of an accelerator. A backend (the virtual card, the processor, libedgetpu) makes one Device per
// device of the plan.
#ifndef JOULESPAN_BACKEND_DEVICE_H_
#define JOULESPAN_BACKEND_DEVICE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "schedule/span_work.h"
#include "wire/power_record.h"

namespace joulespan {

// Every call comes from the device's own thread. Open, Load and Unload throw std::runtime_error with one line for the
// user when they fail; a failed Invoke answers false and is counted.
//
// A span is Prepare, then its start is stamped, then ForecastPower, then Load, Invoke or Unload, then its end is
// stamped; a stage or warm-up is followed by Finish.
class Device {
 public:
  virtual ~Device() = default;

  virtual void Open() = 0;
  virtual void Close() = 0;

  // Whatever can be done before the start is stamped: it is not part of the span.
  virtual void Prepare(const SpanWork& work) = 0;

  // Appends what the prepared span will draw if it starts at `start_ns`. Backends that do not know append nothing.
  virtual void ForecastPower(int64_t start_ns, std::vector<PowerRecord>* records) const = 0;

  // What the prepared span draws above idle as long as it lasts, where that is not known beforehand.
  virtual std::optional<double> SpanPowerW() const { return std::nullopt; }

  // Idle power in a state (JS_STATE_*), if the backend knows it.
  virtual std::optional<double> IdlePowerW(uint16_t state) const = 0;

  // The prepared span, which was stamped `start_ns`. They return when it is through.
  virtual void Load(int64_t start_ns) = 0;
  virtual bool Invoke(int64_t start_ns) = 0;
  virtual void Unload(int64_t start_ns) = 0;

  // Hands on what the stage or warm-up left, before the next segment can start. Throws as Load does.
  virtual void Finish(bool ok) { (void)ok; }
};

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_DEVICE_H_
