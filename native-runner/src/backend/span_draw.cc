#include "backend/span_draw.h"

#include <cmath>

#include "random/keyed_random.h"

namespace joulespan {
namespace {

constexpr double kUnloadPart = 0.25;
constexpr double kWakeUpLeastNs = 20'000;
constexpr double kWakeUpMeanMoreNs = 30'000;

KeyedRandom RandomOf(const Plan& plan, RandomUse use, const SpanWork& work);
DrawnPhase DrawPhase(double duration_ns, double start_w, double end_w, double duration_sd_rel, double power_factor,
                     KeyedRandom* random);

}  // namespace

void DrawSpan(const Plan& plan, const SpanWork& work, SpanDraw* draw) {
  const SegmentPlan& segment = plan.models[work.model].segments[work.segment];
  KeyedRandom random = RandomOf(plan, RandomUse::kSpan, work);
  const double power_factor = 1 + segment.power_sd_rel * random.ClippedNormal();
  draw->phases.clear();
  if (work.kind == JS_KIND_LOAD || work.kind == JS_KIND_UNLOAD) {
    const double part = work.kind == JS_KIND_LOAD ? 1.0 : kUnloadPart;
    draw->phases.push_back(DrawPhase(part * segment.load_ns, part * segment.load_w, part * segment.load_w,
                                     segment.duration_sd_rel, power_factor, &random));
  } else {
    for (const PowerPhase& phase : segment.phases) {
      draw->phases.push_back(
          DrawPhase(phase.duration_ns, phase.start_w, phase.end_w, segment.duration_sd_rel, power_factor, &random));
    }
  }
  draw->duration_ns = kFirstPhaseDelayNs;
  for (const DrawnPhase& phase : draw->phases) draw->duration_ns += phase.duration_ns;
}

void AppendPhaseRecords(const SpanDraw& draw, const SpanWork& work, int64_t start_ns,
                        std::vector<PowerRecord>* records) {
  PowerRecord record;
  record.t_ns = start_ns + kFirstPhaseDelayNs;
  record.span_id = work.span_id;
  record.inference_id = work.inference_id;
  record.device = work.device;
  record.model = work.model;
  record.segment = work.segment;
  record.type = JS_POWER_PHASE;
  record.kind = work.kind;
  for (const DrawnPhase& phase : draw.phases) {
    if (phase.duration_ns == 0) continue;
    record.duration_ns = static_cast<uint32_t>(phase.duration_ns);
    record.watts_start = static_cast<float>(phase.start_w);
    record.watts_end = static_cast<float>(phase.end_w);
    records->push_back(record);
    record.t_ns += phase.duration_ns;
  }
}

int64_t DrawWakeUpDelayNs(const Plan& plan, const SpanWork& work) {
  KeyedRandom random = RandomOf(plan, RandomUse::kWakeUp, work);
  return std::llround(kWakeUpLeastNs + kWakeUpMeanMoreNs * random.Exponential());
}

namespace {

KeyedRandom RandomOf(const Plan& plan, RandomUse use, const SpanWork& work) {
  const uint64_t owner = IsOfTask(work) ? work.task : work.device;
  const uint64_t index = work.kind == JS_KIND_WARMUP ? work.warmup_index : work.inference_id;
  return {plan.seed, use, {work.kind, owner, work.model, work.segment, index}};
}

DrawnPhase DrawPhase(double duration_ns, double start_w, double end_w, double duration_sd_rel, double power_factor,
                     KeyedRandom* random) {
  const double duration_factor = 1 + duration_sd_rel * random->ClippedNormal();
  return DrawnPhase{std::llround(duration_ns * duration_factor), start_w * power_factor, end_w * power_factor};
}

}  // namespace
}  // namespace joulespan
