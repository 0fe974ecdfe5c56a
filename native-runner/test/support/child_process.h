// A program under test: started, read line by line, signalled, waited for.
#ifndef JOULESPAN_TEST_SUPPORT_CHILD_PROCESS_H_
#define JOULESPAN_TEST_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace joulespan::test {

class ChildProcess {
 public:
  // Its stdin is a pipe as well; stderr goes to `stderr_path`, or is inherited when empty.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& stderr_path = "");
  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // The next line of stdout without its end; nothing at the end of the output, or when none came in time.
  std::optional<std::string> ReadLine(double timeout_s = 30);
  // Everything until stdout ends.
  std::string ReadAll();
  void WriteLine(const std::string& line);
  void CloseStdout();
  void Signal(int signal_number);

  // Exit code, or 128 + the signal that ended it.
  int Wait();

 private:
  pid_t pid_ = -1;
  int stdin_fd_ = -1;
  int stdout_fd_ = -1;
  std::string buffered_;
  std::optional<int> exit_code_;
};

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_CHILD_PROCESS_H_
