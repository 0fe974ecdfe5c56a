#include "stream_check.h"

#include <algorithm>
#include <map>
#include <string>

#include "test_harness.h"

namespace joulespan::test {
namespace {

// A device may have taken an inference out of its queue and not yet stamped the start of its stage.
constexpr uint32_t kInHand = 1;

struct OpenSpan {
  Event start;
  bool is_ended = false;
};

struct InferenceProgress {
  uint16_t next_segment = 0;
  bool is_in_stage = false;
  bool is_ended = false;
  int64_t last_end_ns = 0;
};

std::string Shown(const Event& event) {
  return "event at " + std::to_string(event.t_ns) + " ns (kind " + std::to_string(event.kind) + ", edge " +
         std::to_string(event.edge) + ", span " + std::to_string(event.span_id) + ", device " +
         std::to_string(event.device) + ")";
}

void Require(bool condition, const std::string& problem) {
  if (!condition) throw TestFailure(problem);
}

bool IsStage(const Event& event) { return event.kind == JS_KIND_STAGE || event.kind == JS_KIND_WARMUP; }

}  // namespace

void CheckWholeStream(const MessageList& list) {
  Require(!list.messages.empty(), "the stream is empty");
  Require(list.bad == BadReason::kNone, std::string("the stream is bad: ") + BadReasonName(list.bad));
  Require(list.messages.front().header.message == JS_MESSAGE_DICTIONARY, "the stream does not begin with a dictionary");
  uint64_t next_sequence = 0;
  int64_t last_ns = 0;
  for (const ListedMessage& message : list.messages) {
    const MessageHeader& header = message.header;
    Require(header.source_id == list.messages.front().header.source_id, "the source changes");
    Require(header.first_sequence == next_sequence,
            "expected sequence " + std::to_string(next_sequence) + ", got " + std::to_string(header.first_sequence));
    for (const Event& event : EventsOf(message)) {
      Require(event.t_ns >= last_ns, "not in order of time: " + Shown(event));
      last_ns = event.t_ns;
      ++next_sequence;
    }
  }
  Require(list.messages.back().header.message == JS_MESSAGE_END, "the stream does not end with an end of stream");
  CheckWatermarks(list);
}

void CheckWatermarks(const MessageList& list) {
  int64_t watermark_ns = 0;
  for (const ListedMessage& message : list.messages) {
    for (const Event& event : EventsOf(message)) {
      Require(event.t_ns >= watermark_ns, "before the watermark " + std::to_string(watermark_ns) + ": " + Shown(event));
    }
    Require(message.header.watermark_ns >= watermark_ns, "the watermark falls");
    watermark_ns = message.header.watermark_ns;
  }
}

void CheckPowerWatermarks(const MessageList& list) {
  std::map<uint16_t, int64_t> idle_since_ns;
  int64_t watermark_ns = 0;
  for (const ListedMessage& message : list.messages) {
    for (const PowerRecord& record : PowersOf(message)) {
      const bool is_idle = record.type == JS_POWER_IDLE_LEVEL;
      const auto known = idle_since_ns.find(record.device);
      const bool is_repeat = is_idle && known != idle_since_ns.end() && known->second == record.t_ns;
      Require(is_repeat || record.t_ns >= watermark_ns,
              "a power at " + std::to_string(record.t_ns) + " ns before the watermark " + std::to_string(watermark_ns));
      if (is_idle) idle_since_ns[record.device] = record.t_ns;
    }
    Require(message.header.watermark_ns >= watermark_ns, "the power watermark falls");
    watermark_ns = message.header.watermark_ns;
  }
}

RunCounts CheckRun(const std::vector<Event>& events, const Plan& plan) {
  RunCounts counts;
  std::map<uint32_t, OpenSpan> spans;
  std::map<uint32_t, InferenceProgress> inferences;
  std::map<uint16_t, uint32_t> busy;                           // device -> span
  std::map<std::pair<uint16_t, uint16_t>, uint32_t> in_queue;  // (task, segment) -> inferences waiting
  for (const Event& event : events) {
    if (event.kind == JS_KIND_STATE) {
      ++counts.states;
      Require(event.span_id == 0 && event.device < plan.devices.size(), "a strange state: " + Shown(event));
      continue;
    }
    if (event.kind == JS_KIND_MARKER) {
      Require(event.span_id == 0 && event.device == kNone16, "a strange marker: " + Shown(event));
      continue;
    }
    const bool is_start = event.edge == JS_EDGE_START;
    Require(event.span_id != 0, "a span without a number: " + Shown(event));
    if (is_start) {
      Require(spans.emplace(event.span_id, OpenSpan{event, false}).second, "a span starts twice: " + Shown(event));
    } else {
      const auto span = spans.find(event.span_id);
      Require(span != spans.end() && !span->second.is_ended, "a span ends that is not open: " + Shown(event));
      const Event& start = span->second.start;
      span->second.is_ended = true;
      Require(start.kind == event.kind && start.inference_id == event.inference_id && start.device == event.device &&
                  start.model == event.model && start.segment == event.segment && start.task == event.task,
              "a span ends as another than it started: " + Shown(event));
      Require(event.t_ns >= start.t_ns, "a span ends before it starts: " + Shown(event));
    }
    if (event.kind != JS_KIND_INFERENCE) {
      if (is_start) {
        Require(busy.emplace(event.device, event.span_id).second, "a device does two things: " + Shown(event));
      } else {
        busy.erase(event.device);
      }
    }
    switch (event.kind) {
      case JS_KIND_LOAD:
        counts.loads += is_start;
        break;
      case JS_KIND_UNLOAD:
        counts.unloads += is_start;
        break;
      case JS_KIND_WARMUP:
        counts.warmups += is_start;
        Require(event.inference_id == kNone32, "a warm-up belongs to an inference: " + Shown(event));
        break;
      case JS_KIND_INFERENCE: {
        InferenceProgress& progress = inferences[event.inference_id];
        if (is_start) {
          ++counts.inferences;
          const uint32_t queued = ++in_queue[{event.task, 0}];
          Require(queued <= plan.tasks[event.task].queue + kInHand, "the first queue overflows: " + Shown(event));
        } else {
          const size_t segments = plan.tasks[event.task].devices.size();
          Require(progress.next_segment == segments && !progress.is_in_stage,
                  "an inference ends early: " + Shown(event));
          Require(event.t_ns >= progress.last_end_ns, "an inference ends before its last stage: " + Shown(event));
          progress.is_ended = true;
        }
        break;
      }
      default: {
        const TaskPlan& task = plan.tasks[event.task];
        InferenceProgress& progress = inferences[event.inference_id];
        Require(event.device == task.devices[event.segment], "a stage on another device: " + Shown(event));
        if (is_start) {
          ++counts.stages;
          Require(!progress.is_in_stage && progress.next_segment == event.segment,
                  "a stage out of turn: " + Shown(event));
          Require(event.t_ns >= progress.last_end_ns, "a stage before the one before it: " + Shown(event));
          --in_queue[{event.task, event.segment}];
        } else {
          progress.next_segment = static_cast<uint16_t>(event.segment + 1);
          progress.last_end_ns = event.t_ns;
          if (progress.next_segment < task.devices.size()) {
            const uint32_t queued = ++in_queue[{event.task, progress.next_segment}];
            Require(queued <= task.queue + kInHand, "a queue overflows: " + Shown(event));
          }
        }
        progress.is_in_stage = is_start;
      }
    }
  }
  for (const auto& span : spans) Require(span.second.is_ended, "a span never ends: " + Shown(span.second.start));
  for (const auto& inference : inferences) {
    Require(inference.second.is_ended, "inference " + std::to_string(inference.first) + " never ends");
  }
  return counts;
}

int64_t LongestGapNs(const std::vector<Event>& events) {
  int64_t longest_ns = 0;
  int64_t quiet_since_ns = 0;
  size_t active = 0;
  for (const Event& event : events) {
    if (event.kind != JS_KIND_INFERENCE && !IsStage(event)) continue;
    if (event.edge == JS_EDGE_START) {
      if (active++ == 0 && quiet_since_ns != 0) longest_ns = std::max(longest_ns, event.t_ns - quiet_since_ns);
    } else if (--active == 0) {
      quiet_since_ns = event.t_ns;
    }
  }
  return longest_ns;
}

}  // namespace joulespan::test
