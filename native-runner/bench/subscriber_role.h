// Subscribers as processes of their own: one that reads, one that never does, one that is stopped for a while.
#ifndef JOULESPAN_BENCH_SUBSCRIBER_ROLE_H_
#define JOULESPAN_BENCH_SUBSCRIBER_ROLE_H_

#include <nlohmann/json.hpp>
#include <string>

#include "support/child_process.h"

namespace joulespan::bench {

enum class SubscriberRole {
  kReading,     // reads all the time
  kNotReading,  // connects, is ready, and reads nothing until it is told to
};

class SubscriberProcess {
 public:
  // Returns when it is connected and, where there is a requests endpoint, ready.
  SubscriberProcess(SubscriberRole role, const std::string& events_endpoint, const std::string& requests_endpoint);

  void Signal(int signal_number) { process_.Signal(signal_number); }

  // Has it read and fill what it missed. {"received", "filled", "missing"}: numbers of events.
  nlohmann::ordered_json Settle();

 private:
  test::ChildProcess process_;
};

// main() of such a process: arguments as SubscriberProcess starts it.
int RunSubscriber(int argc, char** argv);

// The first argument that makes the bench's program a subscriber.
extern const char kSubscriberFlag[];

}  // namespace joulespan::bench

#endif  // JOULESPAN_BENCH_SUBSCRIBER_ROLE_H_
