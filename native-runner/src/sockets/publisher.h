// The one thread that takes events and powers from the lanes and sends them on: every millisecond to the event log, the
// events socket and, on a virtual card, to the powers socket and log. A slow or dead subscriber loses messages here and
// asks for them later (request_server.h); nothing of it reaches a thread that invokes.
#ifndef JOULESPAN_SOCKETS_PUBLISHER_H_
#define JOULESPAN_SOCKETS_PUBLISHER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "emission/lane_collector.h"
#include "stream/append_file.h"
#include "stream/event_log.h"
#include "stream/event_stream.h"
#include "stream/power_stream.h"

namespace joulespan {

struct PublisherPorts {
  zmq::socket_t events;                 // XPUB, bound
  std::optional<zmq::socket_t> powers;  // XPUB, bound
  EventLog* log = nullptr;
  AppendFile* power_log = nullptr;  // or null
};

class Publisher {
 public:
  // `report` gets one line for the user, once per kind of trouble; `on_log_failure` is called when the event log cannot
  // be written any more. Both from the publisher's thread.
  Publisher(uint64_t source_id, std::string dictionary, PublisherPorts ports, LaneCollector collector,
            std::function<void(const std::string&)> report, std::function<void()> on_log_failure, ToldClock told = {});
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void Start();

  // Once no lane has a producer any more: publishes what is left and the end of stream, and syncs the logs.
  void Finish();

  // After Finish.
  uint64_t events() const { return events_.events(); }
  uint64_t events_dropped() const { return collector_.EventsDropped(); }
  uint64_t powers_dropped() const { return collector_.PowersDropped(); }

 private:
  void Run();
  void Tick(const CollectedBatch& batch, int64_t now_ns);
  bool DrainSubscriptions(zmq::socket_t* socket);
  void ReportTrouble();

  PublisherPorts ports_;
  LaneCollector collector_;
  EventStream events_;
  PowerStream powers_;
  const bool has_powers_;
  const std::function<void(const std::string&)> report_;
  const std::function<void()> on_log_failure_;
  bool is_drop_reported_ = false;
  bool is_log_failure_reported_ = false;
  bool is_power_log_failure_reported_ = false;
  std::atomic<bool> is_finishing_{false};
  std::thread thread_;
};

}  // namespace joulespan

#endif  // JOULESPAN_SOCKETS_PUBLISHER_H_
