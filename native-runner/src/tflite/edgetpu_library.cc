#include "tflite/edgetpu_library.h"

#include <algorithm>
#include <cctype>

#include "backend/backend_error.h"
#include "library/driver_guard.h"

namespace joulespan {

EdgetpuLibrary::EdgetpuLibrary(const std::string& path, const std::string& expected_version)
    : library_(path, "libedgetpu", "--edgetpu") {
  library_.Require("edgetpu_list_devices", &call_.ListDevices);
  library_.Require("edgetpu_free_devices", &call_.FreeDevices);
  library_.Require("edgetpu_create_delegate", &call_.CreateDelegate);
  library_.Require("edgetpu_free_delegate", &call_.FreeDelegate);
  library_.Require("edgetpu_version", &call_.Version);
  const DriverCall guard("asking " + path + " for its version");
  version_ = call_.Version();
  if (version_.find(expected_version) == std::string::npos) {
    throw BackendError(BackendFault::kFile,
                       "--edgetpu: expected libedgetpu \"" + expected_version + "\", got " + version_ + " in " + path);
  }
}

std::vector<EdgeTpu> EdgetpuLibrary::Devices() const {
  const DriverCall guard("listing the Edge TPUs");
  size_t count = 0;
  EdgeTpuDevice* listed = call_.ListDevices(&count);
  std::vector<EdgeTpu> devices;
  for (size_t i = 0; listed != nullptr && i < count; ++i) devices.push_back({listed[i].type, listed[i].path});
  if (listed != nullptr) call_.FreeDevices(listed);
  std::sort(devices.begin(), devices.end(), [](const EdgeTpu& a, const EdgeTpu& b) {
    return a.type != b.type ? a.type < b.type : IsEarlierByNumber(a.path, b.path);
  });
  return devices;
}

bool IsEarlierByNumber(const std::string& a, const std::string& b) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[k])) {
      if (a[i] != b[k]) return a[i] < b[k];
      ++i, ++k;
      continue;
    }
    const auto end_of = [&](const std::string& text, size_t from) {
      while (from < text.size() && is_digit(text[from])) ++from;
      return from;
    };
    const size_t a_end = end_of(a, i), b_end = end_of(b, k);
    while (i + 1 < a_end && a[i] == '0') ++i;
    while (k + 1 < b_end && b[k] == '0') ++k;
    if (a_end - i != b_end - k) return a_end - i < b_end - k;
    const int order = a.compare(i, a_end - i, b, k, b_end - k);
    if (order != 0) return order < 0;
    i = a_end, k = b_end;
  }
  return a.size() - i < b.size() - k;
}

}  // namespace joulespan
