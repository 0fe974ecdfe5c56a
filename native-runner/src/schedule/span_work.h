// What a device is told to do in one span.
#ifndef JOULESPAN_SCHEDULE_SPAN_WORK_H_
#define JOULESPAN_SCHEDULE_SPAN_WORK_H_

#include <cstdint>

#include "wire/event.h"

namespace joulespan {

struct SpanWork {
  uint8_t kind = JS_KIND_STAGE;  // stage, load, unload or warmup
  uint16_t device = 0;
  uint16_t model = 0;
  uint16_t segment = 0;
  uint16_t task = kNone16;          // none for loads and unloads
  uint32_t inference_id = kNone32;  // none but for stages
  uint32_t warmup_index = 0;        // warmups: counted from 0 per task
  uint32_t span_id = 0;
};

// A stage or a warm-up, not a load or an unload.
inline bool IsOfTask(const SpanWork& work) { return work.kind == JS_KIND_STAGE || work.kind == JS_KIND_WARMUP; }

}  // namespace joulespan

#endif  // JOULESPAN_SCHEDULE_SPAN_WORK_H_
