// Answers fill, ready, stop and clock on a ROUTER socket (protocol/event.md, "Requests"), in a thread of its own: a fill reads
// the disk, and publication does not wait for it.
#ifndef JOULESPAN_SOCKETS_REQUEST_SERVER_H_
#define JOULESPAN_SOCKETS_REQUEST_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "clock/told_clock.h"
#include "stream/event_log.h"

namespace joulespan {

class RequestServer {
 public:
  // The callbacks come from the server's thread.
  RequestServer(zmq::socket_t router, const EventLog& log, ToldClock told, std::function<void(const std::string& name)> on_ready,
                std::function<void()> on_stop);
  ~RequestServer();
  RequestServer(const RequestServer&) = delete;
  RequestServer& operator=(const RequestServer&) = delete;

  // When the last request came; 0 before the first.
  int64_t last_request_ns() const { return last_request_ns_.load(); }

 private:
  void Run();
  void Answer(const std::vector<zmq::message_t>& request);
  std::vector<std::string> AnswerParts(std::string_view payload);

  zmq::socket_t router_;
  const EventLog& log_;
  const ToldClock told_;
  const std::function<void(const std::string& name)> on_ready_;
  const std::function<void()> on_stop_;
  std::atomic<int64_t> last_request_ns_{0};
  std::atomic<bool> is_ending_{false};
  std::thread thread_;
};

}  // namespace joulespan

#endif  // JOULESPAN_SOCKETS_REQUEST_SERVER_H_
