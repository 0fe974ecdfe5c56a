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
  for (const DevicePlan& device : plan.devices) devices.push_back({{"name", device.name}});
  ordered_json runner = {{"name", "joulespan-runner"},
                               {"version", JOULESPAN_RUNNER_VERSION},
                               {"backend", plan.backend},
                               {"host", identity.host},
                               {"pid", identity.pid}};
  if (!identity.boot_id.empty()) runner["boot_id"] = identity.boot_id;
  return ordered_json{{"tasks", tasks}, {"models", models}, {"devices", devices}, {"runner", runner}}.dump();
}

}  // namespace joulespan
