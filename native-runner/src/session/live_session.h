// A run in real time: one thread per device, one per task for its arrivals, and the caller's for the timeline, all
// asking one scheduler under one lock. The lock is never held while a device works, and a thread is woken only when the
// scheduler has something for it.
#ifndef JOULESPAN_SESSION_LIVE_SESSION_H_
#define JOULESPAN_SESSION_LIVE_SESSION_H_

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backend/device.h"
#include "emission/emission_lane.h"
#include "marker/marker_line.h"
#include "plan/plan.h"
#include "schedule/scheduler.h"
#include "session/power_feed.h"
#include "session/session_report.h"

namespace joulespan {

class LiveSession {
 public:
  // `plan` outlives the session. `wants_powers`: lanes carry what the devices forecast.
  // Throws what opening the plan's marker line throws.
  LiveSession(const Plan& plan, std::vector<std::unique_ptr<Device>> devices, bool wants_powers);

  // What the session's threads emit; valid as long as the session.
  std::vector<EmissionLane*> lanes();

  // Blocks until the plan is through, or stopped and drained. Once.
  void Run();

  // Any thread, any time, before Run too. See Scheduler.
  void Stop();
  void Interrupt();

  // After Run.
  SessionReport Report() const;

 private:
  struct Sleeper {
    std::condition_variable wake;
    bool is_asleep = false;
    int64_t until_ns = kNever;
  };

  struct DeviceThread {
    std::unique_ptr<Device> device;
    std::unique_ptr<EmissionLane> lane;
    Sleeper sleeper;
    bool is_open = false;
    std::vector<PowerRecord> forecast;
    LatencyHistogram start_lateness;
  };

  struct TaskThread {
    std::unique_ptr<EmissionLane> lane;
    Sleeper sleeper;
  };

  struct MarkerThread {
    std::unique_ptr<EmissionLane> lane;
    std::unique_ptr<MarkerLine> line;
    Sleeper sleeper;
  };

  struct Outcome {
    bool ok = true;
    int64_t end_ns = 0;
  };

  void RunTimeline();
  void RunDevice(uint16_t number);
  void RunTask(uint16_t number);
  void RunMarker();
  void Toggle(bool level);
  Outcome Execute(uint16_t number, const Order& order);
  Outcome ExecuteSpan(DeviceThread* thread, const Order& order);
  bool InvokeOrMove(Device* device, const SpanWork& work, int64_t start_ns);
  bool Finish(Device* device, const SpanWork& work, bool ok);
  int64_t EmitState(DeviceThread* thread, uint16_t number, uint16_t state);
  void Fail(const std::string& who, const std::exception& error);

  // The caller holds the lock; `Sleep` gives it up meanwhile.
  void Sleep(std::unique_lock<std::mutex>* lock, Sleeper* sleeper, int64_t until_ns);
  std::vector<Sleeper*> TakeDueSleepers();
  static void Wake(const std::vector<Sleeper*>& sleepers);

  const Plan& plan_;
  std::vector<std::unique_ptr<DeviceThread>> devices_;
  std::vector<std::unique_ptr<TaskThread>> tasks_;
  std::unique_ptr<PowerFeed> power_feed_;  // null: nobody wants powers, or they are forecast
  std::unique_ptr<MarkerThread> marker_;   // none without a marker line

  std::mutex mutex_;  // guards what follows and the sleepers
  Scheduler scheduler_;
  Sleeper timeline_;
  std::string failure_;
  std::optional<BackendFault> fault_;
};

}  // namespace joulespan

#endif  // JOULESPAN_SESSION_LIVE_SESSION_H_
