#ifndef JOULESPAN_PLAN_PARSE_PLAN_H_
#define JOULESPAN_PLAN_PARSE_PLAN_H_

#include <string>
#include <string_view>

#include "plan/field_reader.h"
#include "plan/plan.h"

namespace joulespan {

// Throws PlanError with one line that names the field.
Plan ParsePlan(std::string_view json_text);

// The same for a file, whose path leads the message.
Plan ReadPlanFile(const std::string& path);

}  // namespace joulespan

#endif  // JOULESPAN_PLAN_PARSE_PLAN_H_
