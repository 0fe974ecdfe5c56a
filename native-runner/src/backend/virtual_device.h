// A virtual Edge TPU in real time: every span sleeps as long as it was drawn to last.
#ifndef JOULESPAN_BACKEND_VIRTUAL_DEVICE_H_
#define JOULESPAN_BACKEND_VIRTUAL_DEVICE_H_

#include "backend/device.h"
#include "backend/span_draw.h"
#include "clock/monotonic_clock.h"

namespace joulespan {

class VirtualDevice : public Device {
 public:
  VirtualDevice(const Plan& plan, uint16_t number) : plan_(plan), number_(number) {}

  void Open() override {}
  void Close() override {}

  void Prepare(const SpanWork& work) override {
    work_ = work;
    DrawSpan(plan_, work_, &draw_);
  }

  void ForecastPower(int64_t start_ns, std::vector<PowerRecord>* records) const override {
    AppendPhaseRecords(draw_, work_, start_ns, records);
  }

  std::optional<double> IdlePowerW(uint16_t state) const override { return plan_.devices[number_].idle_w[state]; }

  void Load(int64_t start_ns) override { SleepUntilNs(start_ns + draw_.duration_ns); }
  bool Invoke(int64_t start_ns) override {
    SleepUntilNs(start_ns + draw_.duration_ns);
    return true;
  }
  void Unload(int64_t start_ns) override { SleepUntilNs(start_ns + draw_.duration_ns); }

 private:
  const Plan& plan_;
  const uint16_t number_;
  SpanWork work_;
  SpanDraw draw_;
};

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_VIRTUAL_DEVICE_H_
