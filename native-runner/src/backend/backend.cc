#include "backend/backend.h"

#include "backend/interpreter_card.h"
#include "backend/interpreter_device.h"
#include "backend/virtual_device.h"

namespace joulespan {

Backend MakeBackend(const Plan& plan) {
  Backend backend;
  std::shared_ptr<InterpreterCard> card;
  if (plan.backend != "virtual") {
    card = std::make_shared<InterpreterCard>(plan);
    backend.identity = card->Identity();
  }
  for (uint16_t number = 0; number < plan.devices.size(); ++number) {
    if (card) {
      backend.devices.push_back(std::make_unique<InterpreterDevice>(card, number));
    } else {
      backend.devices.push_back(std::make_unique<VirtualDevice>(plan, number));
    }
  }
  return backend;
}

}  // namespace joulespan
