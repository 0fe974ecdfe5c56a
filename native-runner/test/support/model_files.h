// Models and libraries for tests of real backends: where they are, or why a test is skipped.
#ifndef JOULESPAN_TEST_SUPPORT_MODEL_FILES_H_
#define JOULESPAN_TEST_SUPPORT_MODEL_FILES_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "plan_text.h"
#include "test_harness.h"

namespace joulespan::test {

inline std::string EnvironmentOr(const char* name, const char* otherwise) {
  const char* value = getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// TFLite's C library as `npm test` fetches it.
inline std::string TfliteOrSkip() {
  const std::string path = EnvironmentOr("JOULESPAN_TFLITE", JOULESPAN_TFLITE_DEFAULT);
  if (!std::filesystem::exists(path)) throw TestSkip("no TFLite at " + path + " (npm test fetches it)");
  return path;
}

inline std::string SmallModel(const std::string& name) {
  return std::string(JOULESPAN_DATA) + "/models/" + name + ".tflite";
}

// Models that are not part of the project.
inline std::string SharedModelOrSkip(const std::string& name) {
  const std::string folder = EnvironmentOr("JOULESPAN_MODELS", JOULESPAN_MODELS_DEFAULT);
  const std::string path = folder + "/" + name + ".tflite";
  if (!std::filesystem::exists(path)) throw TestSkip("no " + path + " (JOULESPAN_MODELS names its folder)");
  return path;
}

// "NAME_segment_0_of_2", ..
inline std::vector<std::string> SegmentNames(const std::string& name, int segments, const std::string& suffix = "") {
  std::vector<std::string> names;
  for (int i = 0; i < segments; ++i) {
    names.push_back(name + "_segment_" + std::to_string(i) + "_of_" + std::to_string(segments) + suffix);
  }
  return names;
}

// One task "camera" on one model of these segments, a device each, `inferences` of them one at a time; short idle
// times.
inline Json FilePlanJson(const std::string& backend, const std::vector<std::string>& files, int inferences) {
  Json plan = {{"version", 1}, {"seed", 7}, {"backend", backend}, {"duration_s", 600}};
  Json task = {{"name", "camera"}, {"model", "net"}, {"arrival", {{"law", "saturated"}}}};
  task["max_inferences"] = inferences;
  plan["models"][0]["name"] = "net";
  for (size_t i = 0; i < files.size(); ++i) {
    plan["devices"].push_back({{"name", backend + std::to_string(i)}});
    plan["models"][0]["segments"].push_back({{"file", files[i]}});
    task["devices"].push_back(i);
  }
  plan["tasks"].push_back(task);
  plan["idle"] = {{"never_used_ms", 5}, {"context_open_ms", 5}, {"resident_ms", 5},
                  {"gap_every_ms", 0},  {"gap_ms", 0},          {"after_ms", 5}};
  return plan;
}

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_MODEL_FILES_H_
