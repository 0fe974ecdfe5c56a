// What happens when in a run: the timeline, the admission of inferences and the order that every device gets next.
//
// A state machine without a clock, threads or randomness of its own: the live session asks it under a lock, the
// simulated session from an event loop, and both get the same decisions for the same instants.
//
//   never used -> opening -> context open -> loading -> warm-up -> resident -> running <-> holding -> gap
//                                                                                 |
//                                      done <- unloading <- after <- draining <---+
#ifndef JOULESPAN_SCHEDULE_SCHEDULER_H_
#define JOULESPAN_SCHEDULE_SCHEDULER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/plan.h"
#include "schedule/arrival_source.h"
#include "schedule/span_work.h"
#include "schedule/stage_queues.h"

namespace joulespan {

enum class OrderKind { kDeclareNeverUsed, kOpen, kSpan };

struct Order {
  OrderKind kind = OrderKind::kSpan;
  SpanWork work;
  // JS_STATE_* that the device is in once a load or unload is through; none when it stays.
  std::optional<uint16_t> state_after;
  int64_t ready_ns = 0;  // stages and warm-ups: when it could have started
  StageStart stage;      // stages and warm-ups

  // Measured inferences end with their last stage, or with the first that fails.
  bool EndsInference(bool ok) const { return work.inference_id != kNone32 && (stage.is_last_segment || !ok); }
};

struct Admission {
  uint32_t inference_id = 0;
  uint32_t span_id = 0;
};

struct TaskCounts {
  uint64_t admitted = 0;
  uint64_t completed = 0;
  uint64_t failed = 0;   // of the completed
  uint64_t dropped = 0;  // arrivals that found the first queue full
};

class Scheduler {
 public:
  explicit Scheduler(const Plan& plan);

  void Start(int64_t now_ns);

  // Moves the timeline on. Every call below that changes something does it too.
  void Advance(int64_t now_ns);
  // When Advance must be called next if nothing else happens.
  int64_t NextDeadlineNs() const;
  bool IsDone() const { return step_ == Step::kDone; }

  // Devices. One order at a time: Take, do it, Complete.
  bool HasOrder(uint16_t device) const;
  std::optional<Order> TakeOrder(uint16_t device, int64_t now_ns);
  void CompleteOrder(uint16_t device, bool ok, int64_t now_ns);

  // Tasks. An arrival is due at NextArrivalNs (in the past: at once; kNever: not until something changes).
  int64_t NextArrivalNs(uint16_t task) const;
  // Consumes the due arrival; nothing when it was dropped.
  std::optional<Admission> Arrive(uint16_t task, int64_t now_ns);

  // Admits nothing more, drains and finishes as at the end of the plan.
  void Stop(int64_t now_ns);
  // Admits nothing more, drains and is done: no idle after, no unloads.
  void Interrupt(int64_t now_ns);

  const std::vector<TaskCounts>& task_counts() const { return task_counts_; }
  const StageQueues& queues() const { return queues_; }

 private:
  enum class Step {
    kBeforeStart,
    kNeverUsed,
    kOpening,
    kContextOpen,
    kLoading,
    kWarmup,
    kResident,
    kRunning,
    kHolding,
    kGap,
    kDraining,
    kAfter,
    kUnloading,
    kDone
  };

  struct DeviceState {
    std::optional<Order> control;  // to be taken before any stage
    std::optional<Order> current;
    int64_t free_since_ns = 0;
    uint32_t loads_left = 0;
    uint32_t loaded = 0;
    bool is_used = false;
  };

  struct Residency {
    uint16_t device = 0;
    uint16_t model = 0;
    uint16_t segment = 0;
  };

  bool TryNextStep(int64_t now_ns);
  void Enter(Step step, int64_t now_ns, int64_t duration_ns = 0);
  void Resume(int64_t now_ns);
  void OrderNextLoad();
  void OrderNextUnload();
  void AdmitWarmups(int64_t now_ns);
  void CompleteStage(const Order& order, bool ok, int64_t now_ns);
  bool AreDevicesIdle() const;
  bool AreTasksExhausted() const;
  int64_t RunClockNs(int64_t now_ns) const;
  uint32_t NextSpanId();
  uint32_t NextInferenceId();

  const Plan& plan_;
  StageQueues queues_;
  std::vector<ArrivalSource> arrivals_;
  std::vector<TaskCounts> task_counts_;
  std::vector<DeviceState> devices_;
  std::vector<Residency> residencies_;  // what the tasks need where, in the order of loading
  size_t loads_ordered_ = 0;
  size_t loads_done_ = 0;
  size_t unloads_ordered_ = 0;
  std::vector<uint32_t> warmups_admitted_;  // per task

  Step step_ = Step::kBeforeStart;
  int64_t deadline_ns_ = 0;  // of the step, where it has one
  int64_t run_end_ns_ = 0;
  int64_t next_gap_ns_ = 0;
  int64_t held_since_ns_ = 0;
  int64_t run_clock_lag_ns_ = 0;  // run clock = now - this
  bool is_stopping_ = false;
  bool is_interrupted_ = false;
  uint64_t in_flight_ = 0;  // inferences and warm-ups admitted and not through
  uint32_t last_span_id_ = 0;
  uint32_t next_inference_id_ = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_SCHEDULE_SCHEDULER_H_
