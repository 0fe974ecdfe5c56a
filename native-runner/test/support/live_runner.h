// joulespan-runner as a host starts it: in a folder of its own, with sockets there or on tcp.
#ifndef JOULESPAN_TEST_SUPPORT_LIVE_RUNNER_H_
#define JOULESPAN_TEST_SUPPORT_LIVE_RUNNER_H_

#include <memory>
#include <string>
#include <vector>

#include "child_process.h"
#include "message_list.h"
#include "plan_text.h"
#include "temporary_folder.h"

namespace joulespan::test {

class LiveRunner {
 public:
  // Starts it and waits for its first line. `tcp`: tcp endpoints on any free port instead of ipc.
  explicit LiveRunner(const Json& plan, const std::vector<std::string>& more = {}, bool tcp = false);

  const std::string& events_endpoint() const { return events_endpoint_; }
  const std::string& requests_endpoint() const { return requests_endpoint_; }
  const std::string& powers_endpoint() const { return powers_endpoint_; }
  // Null when it ended instead.
  const Json& ready() const { return ready_; }

  ChildProcess* process() { return process_.get(); }

  // The next line of stdout as JSON; null when there is none.
  Json NextLine();
  // Until its log holds so many events.
  void AwaitEvents(size_t events) const;
  // Reads to the finished line (null when there is none) and waits for the exit.
  Json Finish();
  int exit_code() { return process_->Wait(); }

  std::string EventLogBytes() const { return ReadFile(folder_ / "events.log"); }
  std::string PowerLogBytes() const { return ReadFile(folder_ / "powers.log"); }
  std::string Stderr() const { return ReadFile(folder_ / "stderr.txt"); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> process_;
  Json ready_;
  std::string events_endpoint_;
  std::string requests_endpoint_;
  std::string powers_endpoint_;
};

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_LIVE_RUNNER_H_
