// A run on the ABI double of libedgetpu, with what the double was told and what it was called for.
#ifndef JOULESPAN_TEST_SUPPORT_DOUBLE_RUN_H_
#define JOULESPAN_TEST_SUPPORT_DOUBLE_RUN_H_

#include <stdlib.h>

#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "file_run.h"
#include "temporary_folder.h"

namespace joulespan::test {

// The environment of runners started while it lives.
class DoubleSetting {
 public:
  explicit DoubleSetting(const std::string& setting) {
    setenv("JOULESPAN_DOUBLE", setting.c_str(), 1);
    setenv("JOULESPAN_DOUBLE_LOG", (folder_ / "calls").c_str(), 1);
  }
  ~DoubleSetting() {
    unsetenv("JOULESPAN_DOUBLE");
    unsetenv("JOULESPAN_DOUBLE_LOG");
  }

  std::string Calls() const {
    std::ifstream file(folder_ / "calls");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

 private:
  TemporaryFolder folder_;
};

struct DoubleRun {
  DoubleRun(const Json& plan, const std::string& words) : setting(words), run(plan), calls(setting.Calls()) {}

  RunCounts CheckDone(const Json& plan) const { return run.CheckDone(plan); }

  // The calls that begin so.
  std::string SortedCallsOf(const std::string& begin) const {
    std::istringstream lines(calls);
    std::multiset<std::string> found;
    for (std::string line; std::getline(lines, line);) {
      if (line.compare(0, begin.size(), begin) == 0) found.insert(line + "\n");
    }
    return std::accumulate(found.begin(), found.end(), std::string());
  }

  DoubleSetting setting;
  FileRun run;
  std::string calls;
};

// A small model's compiled segments on devices of a card of `devices`; 0 inferences: without end.
inline Json EdgetpuPlan(const std::string& model, int segments, const std::vector<int>& on, int devices,
                        int inferences) {
  std::vector<std::string> files;
  for (const std::string& name : SegmentNames(model, segments, "_edgetpu")) files.push_back(SmallModel(name));
  Json plan = FilePlanJson("edgetpu", files, inferences);
  plan["devices"] = Json::array();
  for (int i = 0; i < devices; ++i) plan["devices"].push_back({{"name", "tpu" + std::to_string(i)}});
  plan["tasks"][0]["devices"] = on;
  plan["tflite"] = TfliteOrSkip();
  plan["edgetpu"] = JOULESPAN_EDGETPU_DOUBLE;
  return plan;
}

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_DOUBLE_RUN_H_
