#include "runner/signal_watcher.h"

#include <pthread.h>

#include "clock/monotonic_clock.h"

namespace joulespan {

SignalWatcher::SignalWatcher() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::thread([this] { Run(); });
}

SignalWatcher::~SignalWatcher() {
  is_ending_.store(true);
  thread_.join();
}

void SignalWatcher::OnSignal(std::function<void()> call) {
  const std::lock_guard<std::mutex> lock(mutex_);
  call_ = std::move(call);
  if (was_signalled_.load() && call_) call_();
}

void SignalWatcher::Run() {
  // How soon the thread notices that it shall end.
  const timespec poll{0, 20 * kNsPerMs};
  while (!is_ending_.load() && !was_signalled_.load()) {
    if (sigtimedwait(&signals_, nullptr, &poll) < 0) continue;
    const std::lock_guard<std::mutex> lock(mutex_);
    was_signalled_.store(true);
    if (call_) call_();
  }
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  while (!is_ending_.load()) nanosleep(&poll, nullptr);
}

}  // namespace joulespan
