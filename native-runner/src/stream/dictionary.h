// The dictionary of a run: what the numbers in its events mean (protocol/event.md, "Dictionary").
#ifndef JOULESPAN_STREAM_DICTIONARY_H_
#define JOULESPAN_STREAM_DICTIONARY_H_

#include <string>

#include "backend/backend_identity.h"
#include "plan/plan.h"

namespace joulespan {

struct RunnerIdentity {
  std::string host;
  int pid = 0;
  BackendIdentity backend;
  std::string boot_id;  // of the machine; empty: not told
};

std::string DictionaryJson(const Plan& plan, const RunnerIdentity& identity);

}  // namespace joulespan

#endif  // JOULESPAN_STREAM_DICTIONARY_H_
