#include <functional>

#include "clock/monotonic_clock.h"
#include "joulespan_protocol.h"
#include "plan/parse_plan.h"
#include "support/model_files.h"
#include "support/plan_text.h"
#include "support/temporary_folder.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

// The first ```json block of the README.
std::string ReadmePlan() {
  const std::string readme = ReadFile(JOULESPAN_README);
  const std::string fence = "```json\n";
  const size_t begin = readme.find(fence) + fence.size();
  return readme.substr(begin, readme.find("```", begin) - begin);
}

void CheckRefused(const std::function<void(Json*)>& spoil, const std::string& line) {
  Json plan = PipelineJson(2, 1);
  spoil(&plan);
  CHECK_THROWS(PlanError, ParsePlan(plan.dump()), line);
}

TEST(TheReadmesPlanIsRead) {
  const Plan plan = ParsePlan(ReadmePlan());
  CHECK_EQ(plan.seed, 1u);
  CHECK_EQ(plan.duration_ns, 10 * kNsPerS);
  CHECK_EQ(plan.devices.size(), 4u);
  CHECK_EQ(plan.devices[0].idle_w[JS_STATE_CONTEXT_OPEN], 0.95);
  CHECK_EQ(plan.models[0].segments.size(), 4u);
  CHECK_EQ(plan.tasks[0].queue, 4u);
  CHECK(plan.tasks[0].arrival.law == ArrivalLaw::kPoisson);
  CHECK_EQ(plan.idle.gap_ns, 8 * kNsPerMs);
}

TEST(DefaultsAreAsDocumented) {
  Json text = PipelineJson(2, 1);
  for (const char* field : {"seed", "warmup_inferences", "idle"}) text.erase(field);
  const Plan plan = ParsePlan(text.dump());
  CHECK_EQ(plan.seed, 1u);
  CHECK_EQ(plan.backend, "virtual");
  CHECK_EQ(plan.warmup_inferences, 3u);
  CHECK_EQ(plan.tasks[0].queue, 4u);
  CHECK_EQ(plan.tasks[0].max_inferences, 0u);
  CHECK_EQ(plan.models[0].segments[0].duration_sd_rel, 0.01);
  CHECK_EQ(plan.models[0].segments[0].power_sd_rel, 0.03);
  CHECK_EQ(plan.idle.never_used_ns, 200 * kNsPerMs);
  CHECK_EQ(plan.idle.context_open_ns, 300 * kNsPerMs);
  CHECK_EQ(plan.idle.resident_ns, 500 * kNsPerMs);
  CHECK_EQ(plan.idle.gap_every_ns, 1000 * kNsPerMs);
  CHECK_EQ(plan.idle.gap_ns, 8 * kNsPerMs);
  CHECK_EQ(plan.idle.after_ns, 500 * kNsPerMs);
}

TEST(AMarkerLineIsReadAndOffByDefault) {
  Json text = PipelineJson(2, 1);
  CHECK(ParsePlan(text.dump()).marker.wire == MarkerWire::kNone);
  text["marker"] = {{"wire", "virtual"}};
  CHECK(ParsePlan(text.dump()).marker.wire == MarkerWire::kVirtual);
  CHECK_EQ(ParsePlan(text.dump()).marker.every_ns, 100 * kNsPerMs);
  text["marker"] = {{"wire", "gpio"}, {"chip", "/dev/gpiochip0"}, {"line", 17}, {"every_ms", 50}};
  const MarkerPlan marker = ParsePlan(text.dump()).marker;
  CHECK(marker.wire == MarkerWire::kGpio);
  CHECK_EQ(marker.chip, "/dev/gpiochip0");
  CHECK_EQ(marker.line, 17u);
  CHECK_EQ(marker.every_ns, 50 * kNsPerMs);
  CheckRefused([](Json* plan) { (*plan)["marker"] = {{"wire", "usb"}}; },
               "marker.wire: expected virtual or gpio, got \"usb\"");
  CheckRefused([](Json* plan) { (*plan)["marker"] = {{"wire", "gpio"}, {"chip", "/dev/gpiochip0"}}; },
               "marker.line: expected an integer, got nothing");
}

TEST(EveryArrivalLawIsRead) {
  Json text = PipelineJson(2, 1);
  Json& arrival = text["tasks"][0]["arrival"];
  arrival = {{"law", "periodic"}, {"period_ms", 25}, {"jitter_ms", 1}};
  CHECK_EQ(ParsePlan(text.dump()).tasks[0].arrival.period_ns, 25 * kNsPerMs);
  arrival = {{"law", "closed"}, {"concurrency", 2}, {"think_ms", 5}, {"think_jitter_ms", 2}};
  CHECK_EQ(ParsePlan(text.dump()).tasks[0].arrival.concurrency, 2u);
  arrival = {{"law", "trace"}, {"at_ms", {0, 1.5, 1.5, 7}}};
  CHECK_EQ(ParsePlan(text.dump()).tasks[0].arrival.at_ns[1], 1'500'000);
}

TEST(ErrorsNameTheField) {
  CHECK_THROWS(PlanError, ParsePlan("{\"version\": 1,"), "plan: expected JSON, got a syntax error at byte 15");
  CHECK_THROWS(PlanError, ParsePlan("[]"), "plan: expected an object, got []");
  CheckRefused([](Json* p) { (*p)["version"] = 2; }, "version: expected an integer from 1 to 1, got 2");
  CheckRefused([](Json* p) { p->erase("duration_s"); }, "duration_s: expected a number, got nothing");
  CheckRefused([](Json* p) { (*p)["duration_s"] = "10"; }, "duration_s: expected a number");
  CheckRefused([](Json* p) { (*p)["colour"] = 1; }, "colour: unknown field");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["name"] = ""; }, "tasks[0].name: expected a text of 1 to 200 bytes");
  CheckRefused([](Json* p) { (*p)["backend"] = "gpu"; }, "backend: expected virtual, cpu or edgetpu, got \"gpu\"");
  CheckRefused([](Json* p) { (*p)["tflite"] = "libtensorflowlite_c.so"; }, "tflite: unknown field");
  CheckRefused([](Json* p) { (*p)["models"][0]["segments"][0]["file"] = "x"; },
               "models[0].segments[0].file: unknown field");
  CheckRefused([](Json* p) { (*p)["devices"] = Json::array(); },
               "devices: expected an array of 1 to 16 elements, got 0 elements");
  CheckRefused([](Json* p) { (*p)["devices"][1]["idle_w"].erase("resident"); },
               "devices[1].idle_w.resident: expected a number, got nothing");
  CheckRefused([](Json* p) { (*p)["devices"][1]["name"] = "tpu0"; }, "devices[1].name: expected a name used once");
  CheckRefused([](Json* p) { (*p)["models"][0]["segments"][1]["phases"][0]["watts"] = 1; },
               "models[0].segments[1].phases[0].watts: unknown field");
  CheckRefused([](Json* p) { (*p)["models"][0]["segments"][1]["phases"][1]["ms"] = 4'200; },
               "models[0].segments[1].phases[1].ms: expected at most 4168 ms");
  CheckRefused([](Json* p) { (*p)["models"][0]["segments"][0]["power_sd_rel"] = 0.5; },
               "models[0].segments[0].power_sd_rel: expected a number from 0 to 0.3, got 0.5");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["model"] = "resnet"; },
               "tasks[0].model: expected the name of one of the models, got \"resnet\"");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["devices"] = {0}; },
               "tasks[0].devices: expected an array of 2 to 2 elements, got 1 elements");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["devices"][1] = 2; },
               "tasks[0].devices[1]: expected the number of a device, 0 to 1, got 2");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["queue"] = 0; }, "tasks[0].queue: expected an integer from 1 to 1024");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["queue"] = -1; }, "tasks[0].queue: expected an integer");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["arrival"] = {{"law", "normal"}}; }, "tasks[0].arrival.law: expected");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["arrival"]["rate_hz"] = 3; }, "tasks[0].arrival.rate_hz: unknown field");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["arrival"] = {{"law", "trace"}, {"at_ms", {3, 2}}}; },
               "tasks[0].arrival.at_ms[1]: expected milliseconds");
  CheckRefused([](Json* p) { (*p)["tasks"][0]["arrival"] = {{"law", "periodic"}, {"period_ms", 2}, {"jitter_ms", 3}}; },
               "tasks[0].arrival.jitter_ms: expected a number from 0 to 2, got 3");
  CheckRefused([](Json* p) { (*p)["idle"]["gap_ms"] = -1; }, "idle.gap_ms: expected a number");
  CheckRefused([](Json* p) { (*p)["idle"]["pause_ms"] = 1; }, "idle.pause_ms: unknown field");
}

TEST(PlansOfRealBackends) {
  Json text = FilePlanJson("edgetpu", {"a.tflite", "b.tflite"}, 5);
  Plan plan = ParsePlan(text.dump());
  CHECK_EQ(plan.library.tflite, "libtensorflowlite_c.so");
  CHECK_EQ(plan.library.edgetpu, "libedgetpu.so.1");
  CHECK_EQ(plan.library.performance, "max");
  CHECK_EQ(plan.models[0].segments[1].file, "b.tflite");
  CHECK_EQ(plan.models[0].inputs, "random");
  CHECK_EQ(plan.models[0].outputs, "");
  CHECK(!plan.devices[0].has_idle_w);
  CHECK(!plan.models[0].segments[0].active_w);
  text["performance"] = "fast";
  CHECK_THROWS(PlanError, ParsePlan(text.dump()), "performance: expected low, medium, high or max, got \"fast\"");
  text["performance"] = "low";
  text["threads"] = 2;
  CHECK_THROWS(PlanError, ParsePlan(text.dump()), "threads: unknown field");

  text = FilePlanJson("cpu", {"a.tflite"}, 5);
  text["threads"] = 4;
  text["models"][0]["segments"][0]["active_w"] = 1.5;
  text["devices"][0]["idle_w"] = {{"never_used", 0.1}, {"context_open", 0.2}, {"resident", 0.3}};
  plan = ParsePlan(text.dump());
  CHECK_EQ(plan.library.threads, 4);
  CHECK_EQ(*plan.models[0].segments[0].active_w, 1.5);
  CHECK_EQ(plan.devices[0].idle_w[JS_STATE_RESIDENT], 0.3);
  text["edgetpu"] = "libedgetpu.so.1";
  CHECK_THROWS(PlanError, ParsePlan(text.dump()), "edgetpu: unknown field");
  text.erase("edgetpu");
  text["models"][0]["segments"][0]["load_ms"] = 3;
  CHECK_THROWS(PlanError, ParsePlan(text.dump()), "models[0].segments[0].load_ms: unknown field");
  text["models"][0]["segments"][0].erase("load_ms");
  text["models"][0]["segments"][0].erase("file");
  CHECK_THROWS(PlanError, ParsePlan(text.dump()), "models[0].segments[0].file: expected a text, got nothing");
}

TEST(AFileLeadsItsErrors) {
  const TemporaryFolder folder;
  CHECK_THROWS(PlanError, ReadPlanFile(folder / "none.json"), "none.json: expected a readable plan file");
  WriteFile(folder / "plan.json", "{}");
  CHECK_THROWS(PlanError, ReadPlanFile(folder / "plan.json"), "plan.json: version: expected an integer, got nothing");
}

}  // namespace
}  // namespace joulespan::test
