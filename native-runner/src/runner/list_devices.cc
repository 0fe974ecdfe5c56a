#include "runner/list_devices.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "runner/exit_code.h"
#include "tflite/edgetpu_library.h"
#include "tflite/tflite_library.h"

namespace joulespan {

int ListDevices(const Options& options) {
  using nlohmann::ordered_json;
  const EdgetpuLibrary edgetpu(options.edgetpu.value_or(kDefaultEdgetpu), "");
  ordered_json tflite = nullptr;
  if (options.tflite) tflite = TfliteLibrary(*options.tflite, "").version();
  ordered_json devices = ordered_json::array();
  for (const EdgeTpu& device : edgetpu.Devices()) {
    devices.push_back({{"type", device.type == kEdgeTpuPci ? "pci" : "usb"}, {"path", device.path}});
  }
  const ordered_json line = {
      {"event", "devices"}, {"tflite", tflite}, {"edgetpu", edgetpu.version()}, {"devices", devices}};
  std::puts(line.dump().c_str());
  return devices.empty() ? kExitBusy : kExitOk;
}

}  // namespace joulespan
