// A run of the runner on model files, from its plan to its event log and saved outputs.
#ifndef JOULESPAN_TEST_SUPPORT_FILE_RUN_H_
#define JOULESPAN_TEST_SUPPORT_FILE_RUN_H_

#include <string>
#include <vector>

#include "live_runner.h"
#include "model_files.h"
#include "plan/parse_plan.h"
#include "stream_check.h"

namespace joulespan::test {

struct FileRun {
  // Runs `plan` to its end. `plan` may be refused.
  explicit FileRun(Json text, const std::vector<std::string>& more = {}) {
    LiveRunner runner(text, more);
    if (!runner.ready().is_null()) {
      finished = runner.Finish();
      events = ListEvents(runner.EventLogBytes());
      powers = ListPowers(runner.PowerLogBytes());
    }
    exit_code = runner.exit_code();
    err = runner.Stderr();
  }

  // Of the last line on stderr: libraries speak there too.
  std::string LastWords() const {
    std::string text = err;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }

  // Everything a whole run must be.
  RunCounts CheckDone(const Json& text) const {
    if (exit_code != 0) FailAt(__FILE__, __LINE__, "exit code " + std::to_string(exit_code) + ": " + err);
    CheckWholeStream(events);
    return CheckRun(events.Events(), ParsePlan(text.dump()));
  }

  Json finished;
  MessageList events;
  MessageList powers;
  int exit_code = 0;
  std::string err;
};

// The data of a .npy file that the runner wrote.
inline std::string NpyData(const std::string& path) {
  const std::string bytes = ReadFile(path);
  const size_t data = 10 + static_cast<uint8_t>(bytes.at(8)) + 256 * static_cast<uint8_t>(bytes.at(9));
  return bytes.substr(data);
}

// Output `index` of inference `number` in a folder of saved outputs.
inline std::string OutputPath(const std::string& folder, int number, int index) {
  char name[64];
  snprintf(name, sizeof(name), "/%08d.%d.npy", number, index);
  return folder + name;
}

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_FILE_RUN_H_
