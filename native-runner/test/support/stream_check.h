// What every stream of the runner must satisfy (protocol/event.md), checked message by message. Each function throws
// TestFailure with what it found.
#ifndef JOULESPAN_TEST_SUPPORT_STREAM_CHECK_H_
#define JOULESPAN_TEST_SUPPORT_STREAM_CHECK_H_

#include <cstddef>
#include <vector>

#include "message_list.h"
#include "plan/plan.h"

namespace joulespan::test {

// One source, sequences without gaps from 0, watermarks that never fall and that no later event precedes, a dictionary
// before the first event, events in order of time.
void CheckWholeStream(const MessageList& list);

// The watermark part alone, for a stream that may start anywhere and miss messages.
void CheckWatermarks(const MessageList& list);

// Powers: no record before a watermark already published, but for idle levels already known.
void CheckPowerWatermarks(const MessageList& list);

struct RunCounts {
  size_t inferences = 0;
  size_t stages = 0;
  size_t warmups = 0;
  size_t loads = 0;
  size_t unloads = 0;
  size_t states = 0;
};

// Every span is paired and ends after it starts; every inference passes its segments in order, on the devices of its
// task; no device does two things at once; queues hold no more than their bound.
RunCounts CheckRun(const std::vector<Event>& events, const Plan& plan);

// Longest time without any stage or inference between the first and the last stage.
int64_t LongestGapNs(const std::vector<Event>& events);

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_STREAM_CHECK_H_
