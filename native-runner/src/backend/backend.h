// Chooses the backend by its name in the plan.
#ifndef JOULESPAN_BACKEND_BACKEND_H_
#define JOULESPAN_BACKEND_BACKEND_H_

#include <memory>
#include <vector>

#include "backend/device.h"
#include "plan/plan.h"

namespace joulespan {

// One per device of the plan, which must outlive them. Another backend is another case here and a name in
// parse_plan.cc.
std::vector<std::unique_ptr<Device>> MakeDevices(const Plan& plan);

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_BACKEND_H_
