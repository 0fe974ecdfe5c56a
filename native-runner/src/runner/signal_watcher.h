// Turns the first SIGINT or SIGTERM into a call; the second one ends the process as if nobody watched.
#ifndef JOULESPAN_RUNNER_SIGNAL_WATCHER_H_
#define JOULESPAN_RUNNER_SIGNAL_WATCHER_H_

#include <signal.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace joulespan {

class SignalWatcher {
 public:
  // Blocks both signals in the calling thread and so in every thread started after: make it the first.
  SignalWatcher();
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  // Called from the watcher's thread, or at once when a signal has come already.
  void OnSignal(std::function<void()> call);

  const std::atomic<bool>& was_signalled() const { return was_signalled_; }

 private:
  void Run();

  sigset_t signals_;
  std::atomic<bool> was_signalled_{false};
  std::atomic<bool> is_ending_{false};
  std::mutex mutex_;  // guards call_
  std::function<void()> call_;
  std::thread thread_;
};

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_SIGNAL_WATCHER_H_
