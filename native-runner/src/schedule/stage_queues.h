// The bounded queues in front of every stage of every task, and which stage a device starts next.
//
// A device serves the queues mapped to it first come, first served, among those whose stage has a place to go: the slot
// in the next queue is reserved when the stage starts. So no device ever blocks with a result in hand, and the most
// advanced inference of a task can always move: pipelines that cross devices in opposite orders do not deadlock.
#ifndef JOULESPAN_SCHEDULE_STAGE_QUEUES_H_
#define JOULESPAN_SCHEDULE_STAGE_QUEUES_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "plan/plan.h"
#include "schedule/span_work.h"

namespace joulespan {

struct QueuedInference {
  uint32_t inference_id = kNone32;  // none: a warm-up
  uint32_t span_id = 0;             // of the inference
  uint32_t warmup_index = 0;
};

struct StageStart {
  uint16_t task = 0;
  uint16_t segment = 0;
  bool is_last_segment = false;
  QueuedInference inference;
  int64_t ready_ns = 0;  // when it was in its queue with a place to go
};

class StageQueues {
 public:
  explicit StageQueues(const Plan& plan);

  bool HasRoom(uint16_t task) const { return queues_[task].front().HasRoom(); }
  // Into the first queue, which must have room.
  void Admit(uint16_t task, const QueuedInference& inference, int64_t now_ns);

  bool HasStartFor(uint16_t device) const { return Pick(device) != nullptr; }
  // Takes the inference out of its queue and reserves its slot in the next.
  std::optional<StageStart> StartOn(uint16_t device, int64_t now_ns);
  // Into the next queue; a failed stage gives its reservation back.
  void Finish(const StageStart& stage, bool ok, int64_t now_ns);

  size_t QueuedOrReserved(uint16_t task, uint16_t segment) const { return queues_[task][segment].Taken(); }

 private:
  struct Waiting {
    QueuedInference inference;
    int64_t since_ns = 0;
    uint64_t turn = 0;  // first come, first served over all queues
  };

  struct Queue {
    uint16_t task = 0;
    uint16_t segment = 0;
    size_t capacity = 0;
    size_t reserved = 0;
    int64_t room_since_ns = 0;  // when a slot was last given back while none was left
    Queue* next = nullptr;      // of the following segment
    std::deque<Waiting> waiting;

    size_t Taken() const { return waiting.size() + reserved; }
    bool HasRoom() const { return Taken() < capacity; }
  };

  Queue* Pick(uint16_t device) const;
  void Enqueue(Queue* queue, const QueuedInference& inference, int64_t now_ns);

  std::vector<std::vector<Queue>> queues_;          // [task][segment]; never resized: devices point into it
  std::vector<std::vector<Queue*>> device_queues_;  // [device]
  uint64_t turns_ = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_SCHEDULE_STAGE_QUEUES_H_
