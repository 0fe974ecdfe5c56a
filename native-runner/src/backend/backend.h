// Chooses the backend by its name in the plan.
#ifndef JOULESPAN_BACKEND_BACKEND_H_
#define JOULESPAN_BACKEND_BACKEND_H_

#include <memory>
#include <vector>

#include "backend/backend_identity.h"
#include "backend/device.h"
#include "plan/plan.h"

namespace joulespan {

struct Backend {
  std::vector<std::unique_ptr<Device>> devices;  // one per device of the plan, which must outlive them
  BackendIdentity identity;
};

// Another backend is another case here and a name in parse_plan.cc. Throws BackendError when a library, a model or a
// device is not what the plan says.
Backend MakeBackend(const Plan& plan);

}  // namespace joulespan

#endif  // JOULESPAN_BACKEND_BACKEND_H_
