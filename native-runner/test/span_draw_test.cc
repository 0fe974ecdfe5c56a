#include "backend/span_draw.h"

#include <cmath>

#include "plan/parse_plan.h"
#include "random/keyed_random.h"
#include "support/plan_text.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

Plan PlanWithSpread(double duration_sd_rel, double power_sd_rel) {
  Json plan = PipelineJson(2, 1);
  for (Json& segment : plan["models"][0]["segments"]) {
    segment["duration_sd_rel"] = duration_sd_rel;
    segment["power_sd_rel"] = power_sd_rel;
  }
  return ParsePlan(plan.dump());
}

SpanWork StageWork(uint32_t inference_id) {
  SpanWork work;
  work.task = 0;
  work.inference_id = inference_id;
  work.span_id = 1000 + inference_id;
  return work;
}

TEST(ADrawDependsOnItsKeyAlone) {
  const Plan plan = PlanWithSpread(0.05, 0.05);
  SpanDraw first, other, again;
  DrawSpan(plan, StageWork(3), &first);
  DrawSpan(plan, StageWork(4), &other);
  DrawSpan(plan, StageWork(3), &again);
  CHECK_EQ(first.duration_ns, again.duration_ns);
  CHECK_EQ(first.phases[1].start_w, again.phases[1].start_w);
  CHECK(first.duration_ns != other.duration_ns);
  CHECK(first.phases[1].start_w != other.phases[1].start_w);
}

TEST(WithoutSpreadADrawIsThePlan) {
  const Plan plan = PlanWithSpread(0, 0);
  SpanDraw draw;
  DrawSpan(plan, StageWork(0), &draw);
  CHECK_EQ(draw.duration_ns, kFirstPhaseDelayNs + 1'200'000);
  CHECK_EQ(draw.phases[0].start_w, 0.35);
  CHECK_EQ(draw.phases[1].end_w, 1.25);
}

TEST(SpreadIsAsPlannedAndBounded) {
  const Plan plan = PlanWithSpread(0.02, 0.03);
  constexpr int kDraws = 20'000;
  double sum = 0, squares = 0, largest = 0;
  double power_sum = 0, power_squares = 0;
  for (uint32_t i = 0; i < kDraws; ++i) {
    SpanDraw draw;
    DrawSpan(plan, StageWork(i), &draw);
    const double duration_rel = draw.phases[1].duration_ns / 1e6 - 1;
    const double power_rel = draw.phases[1].start_w / 1.1 - 1;
    CHECK(std::abs(draw.phases[0].start_w / 0.35 - 1 - power_rel) < 1e-12);  // one factor for the whole stage
    sum += duration_rel;
    squares += duration_rel * duration_rel;
    largest = std::fmax(largest, std::abs(duration_rel));
    power_sum += power_rel;
    power_squares += power_rel * power_rel;
  }
  CHECK(std::abs(sum / kDraws) < 5 * 0.02 / std::sqrt(kDraws));
  CHECK(std::abs(std::sqrt(squares / kDraws) / 0.02 - 1) < 0.04);
  CHECK(largest <= 3 * 0.02 + 1e-6);
  CHECK(std::abs(power_sum / kDraws) < 5 * 0.03 / std::sqrt(kDraws));
  CHECK(std::abs(std::sqrt(power_squares / kDraws) / 0.03 - 1) < 0.04);
}

TEST(PhaseRecordsFollowOneAnother) {
  const Plan plan = PlanWithSpread(0.05, 0.05);
  SpanDraw draw;
  DrawSpan(plan, StageWork(7), &draw);
  std::vector<PowerRecord> records;
  AppendPhaseRecords(draw, StageWork(7), 1'000'000, &records);
  CHECK_EQ(records.size(), 2u);
  CHECK_EQ(records[0].t_ns, 1'000'000 + kFirstPhaseDelayNs);
  CHECK_EQ(records[1].t_ns, records[0].t_ns + records[0].duration_ns);
  CHECK_EQ(records[1].t_ns + records[1].duration_ns, 1'000'000 + draw.duration_ns);
  CHECK_EQ(records[0].span_id, 1007u);
  CHECK_EQ(records[0].inference_id, 7u);
  CHECK_EQ(int{records[0].type}, JS_POWER_PHASE);
  CHECK_EQ(int{records[0].kind}, JS_KIND_STAGE);
}

TEST(AnUnloadIsAQuarterOfItsLoad) {
  const Plan plan = PlanWithSpread(0, 0);
  SpanWork work;
  work.kind = JS_KIND_LOAD;
  SpanDraw load, unload;
  DrawSpan(plan, work, &load);
  work.kind = JS_KIND_UNLOAD;
  DrawSpan(plan, work, &unload);
  CHECK_EQ(load.phases[0].duration_ns, 4'000'000);
  CHECK_EQ(unload.phases[0].duration_ns, 1'000'000);
  CHECK_EQ(unload.phases[0].start_w, load.phases[0].start_w / 4);
}

TEST(AWakeUpIsTwentyMicrosecondsAndMore) {
  const Plan plan = PlanWithSpread(0, 0);
  constexpr int kDraws = 20'000;
  double sum_ns = 0;
  for (uint32_t i = 0; i < kDraws; ++i) {
    const int64_t delay_ns = DrawWakeUpDelayNs(plan, StageWork(i));
    CHECK(delay_ns >= 20'000);
    sum_ns += delay_ns;
  }
  CHECK(std::abs(sum_ns / kDraws - 50'000) < 5 * 30'000 / std::sqrt(kDraws));
}

}  // namespace
}  // namespace joulespan::test
