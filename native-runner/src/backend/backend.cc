#include "backend/backend.h"

#include "backend/virtual_device.h"

namespace joulespan {

std::vector<std::unique_ptr<Device>> MakeDevices(const Plan& plan) {
  std::vector<std::unique_ptr<Device>> devices;
  for (uint16_t number = 0; number < plan.devices.size(); ++number) {
    devices.push_back(std::make_unique<VirtualDevice>(plan, number));
  }
  return devices;
}

}  // namespace joulespan
