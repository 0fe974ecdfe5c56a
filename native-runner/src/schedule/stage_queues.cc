#include "schedule/stage_queues.h"

#include <algorithm>
#include <cassert>

namespace joulespan {

StageQueues::StageQueues(const Plan& plan) : queues_(plan.tasks.size()), device_queues_(plan.devices.size()) {
  for (size_t t = 0; t < plan.tasks.size(); ++t) {
    const TaskPlan& task = plan.tasks[t];
    queues_[t].resize(task.devices.size());
    for (size_t s = 0; s < task.devices.size(); ++s) {
      Queue& queue = queues_[t][s];
      queue.task = static_cast<uint16_t>(t);
      queue.segment = static_cast<uint16_t>(s);
      queue.capacity = task.queue;
      queue.next = s + 1 < task.devices.size() ? &queues_[t][s + 1] : nullptr;
      device_queues_[task.devices[s]].push_back(&queue);
    }
  }
}

void StageQueues::Admit(uint16_t task, const QueuedInference& inference, int64_t now_ns) {
  assert(HasRoom(task));
  Enqueue(&queues_[task].front(), inference, now_ns);
}

std::optional<StageStart> StageQueues::StartOn(uint16_t device, int64_t now_ns) {
  Queue* queue = Pick(device);
  if (queue == nullptr) return std::nullopt;
  const Waiting first = queue->waiting.front();
  if (!queue->HasRoom()) queue->room_since_ns = now_ns;
  queue->waiting.pop_front();
  if (queue->next != nullptr) ++queue->next->reserved;
  const int64_t place_since_ns = queue->next == nullptr ? 0 : queue->next->room_since_ns;
  return StageStart{queue->task, queue->segment, queue->next == nullptr, first.inference,
                    std::max(first.since_ns, place_since_ns)};
}

void StageQueues::Finish(const StageStart& stage, bool ok, int64_t now_ns) {
  if (stage.is_last_segment) return;
  Queue& next = queues_[stage.task][stage.segment + 1];
  if (!ok && !next.HasRoom()) next.room_since_ns = now_ns;
  --next.reserved;
  if (ok) Enqueue(&next, stage.inference, now_ns);
}

StageQueues::Queue* StageQueues::Pick(uint16_t device) const {
  Queue* first = nullptr;
  for (Queue* queue : device_queues_[device]) {
    if (queue->waiting.empty() || (queue->next != nullptr && !queue->next->HasRoom())) continue;
    if (first == nullptr || queue->waiting.front().turn < first->waiting.front().turn) first = queue;
  }
  return first;
}

void StageQueues::Enqueue(Queue* queue, const QueuedInference& inference, int64_t now_ns) {
  queue->waiting.push_back(Waiting{inference, now_ns, turns_++});
}

}  // namespace joulespan
