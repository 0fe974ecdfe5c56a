#include "runner/subscriber_roster.h"

#include <chrono>

namespace joulespan {

void SubscriberRoster::Add(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!names_.insert(name).second) return;
  tell_(StatusLocked());
  changed_.notify_all();
}

void SubscriberRoster::GiveUpWaiting() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_given_up_ = true;
  changed_.notify_all();
}

bool SubscriberRoster::Await(double timeout_s) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, std::chrono::duration<double>(timeout_s),
                           [this] { return is_given_up_ || names_.size() >= expected_; });
}

std::string SubscriberRoster::Status() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return StatusLocked();
}

std::string SubscriberRoster::StatusLocked() const {
  std::string names;
  for (const std::string& name : names_) names += (names.empty() ? "" : ", ") + name;
  return std::to_string(names_.size()) + " of " + std::to_string(expected_) + " subscribers ready" +
         (names.empty() ? "" : " (" + names + ")");
}

}  // namespace joulespan
