// Plans for tests, as the JSON that a host would write.
#ifndef JOULESPAN_TEST_SUPPORT_PLAN_TEXT_H_
#define JOULESPAN_TEST_SUPPORT_PLAN_TEXT_H_

#include <nlohmann/json.hpp>
#include <string>

namespace joulespan::test {

using Json = nlohmann::ordered_json;

inline Json DevicePlanJson(int number) {
  return {{"name", "tpu" + std::to_string(number)},
          {"idle_w", {{"never_used", 0.4}, {"context_open", 0.95}, {"resident", 1.0}}}};
}

inline Json SegmentJson(double transfer_ms, double compute_ms) {
  return {{"load_ms", 4},
          {"load_w", 0.6},
          {"phases",
           {{{"name", "transfer_in"}, {"ms", transfer_ms}, {"start_w", 0.35}, {"end_w", 0.35}},
            {{"name", "compute"}, {"ms", compute_ms}, {"start_w", 1.1}, {"end_w", 1.25}}}}};
}

// `segments` stages, one device each, one task "camera" that keeps them busy; short idle times.
inline Json PipelineJson(int segments, double duration_s, double compute_ms = 1.0) {
  Json plan = {{"version", 1}, {"seed", 7}, {"duration_s", duration_s}};
  for (int i = 0; i < segments; ++i) {
    plan["devices"].push_back(DevicePlanJson(i));
    plan["models"][0]["segments"].push_back(SegmentJson(0.2, compute_ms));
  }
  plan["models"][0]["name"] = "mobilenetv2";
  Json task = {{"name", "camera"}, {"model", "mobilenetv2"}, {"arrival", {{"law", "saturated"}}}};
  for (int i = 0; i < segments; ++i) task["devices"].push_back(i);
  plan["tasks"].push_back(task);
  plan["warmup_inferences"] = 2;
  plan["idle"] = {{"never_used_ms", 20}, {"context_open_ms", 20}, {"resident_ms", 20},
                  {"gap_every_ms", 300}, {"gap_ms", 8},           {"after_ms", 20}};
  return plan;
}

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_PLAN_TEXT_H_
