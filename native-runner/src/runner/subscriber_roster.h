// Who is ready to receive, and the wait until all declared subscribers are.
#ifndef JOULESPAN_RUNNER_SUBSCRIBER_ROSTER_H_
#define JOULESPAN_RUNNER_SUBSCRIBER_ROSTER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace joulespan {

class SubscriberRoster {
 public:
  // `tell` gets a line of progress for every subscriber that is new.
  SubscriberRoster(uint32_t expected, std::function<void(const std::string&)> tell)
      : expected_(expected), tell_(std::move(tell)) {}

  // Any thread. A name counts once, however often its subscriber asks.
  void Add(const std::string& name);
  // Any thread: the wait is over, whoever is there.
  void GiveUpWaiting();

  // False when they did not come in time; true when they did, or when nobody need wait any more.
  bool Await(double timeout_s);

  // As in "1 of 2 subscribers ready (host)".
  std::string Status();

 private:
  std::string StatusLocked() const;

  const uint32_t expected_;
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> names_;
  bool is_given_up_ = false;
};

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_SUBSCRIBER_ROSTER_H_
