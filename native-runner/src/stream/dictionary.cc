#include "stream/dictionary.h"

#include <nlohmann/json.hpp>

namespace joulespan {

std::string DictionaryJson(const Plan& plan, const RunnerIdentity& identity) {
  using nlohmann::ordered_json;
  ordered_json tasks = ordered_json::array();
  for (const TaskPlan& task : plan.tasks) tasks.push_back({{"name", task.name}, {"model", task.model}});
  ordered_json models = ordered_json::array();
  for (const ModelPlan& model : plan.models) {
    models.push_back({{"name", model.name}, {"segments", model.segments.size()}});
  }
  ordered_json devices = ordered_json::array();
  for (size_t i = 0; i < plan.devices.size(); ++i) {
    devices.push_back({{"name", plan.devices[i].name}});
    if (i < identity.backend.device_paths.size()) devices.back()["path"] = identity.backend.device_paths[i];
  }
  ordered_json runner = {{"name", "joulespan-runner"},
                         {"version", JOULESPAN_RUNNER_VERSION},
                         {"backend", plan.backend},
                         {"host", identity.host},
                         {"pid", identity.pid}};
  const BackendIdentity& backend = identity.backend;
  if (!backend.tflite_version.empty()) runner["tflite"] = backend.tflite_version;
  if (!backend.edgetpu_version.empty()) runner["edgetpu"] = backend.edgetpu_version;
  if (!backend.performance.empty()) runner["performance"] = backend.performance;
  if (backend.threads > 0) runner["threads"] = backend.threads;
  if (!identity.boot_id.empty()) runner["boot_id"] = identity.boot_id;
  return ordered_json{{"tasks", tasks}, {"models", models}, {"devices", devices}, {"runner", runner}}.dump();
}

}  // namespace joulespan
