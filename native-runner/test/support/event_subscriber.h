// The host's side of the runner's sockets, as small as it can be.
#ifndef JOULESPAN_TEST_SUPPORT_EVENT_SUBSCRIBER_H_
#define JOULESPAN_TEST_SUPPORT_EVENT_SUBSCRIBER_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "wire/request.h"

namespace joulespan::test {

// A SUB socket on everything.
class EventSubscriber {
 public:
  EventSubscriber(zmq::context_t* context, const std::string& endpoint, int receive_high_water_mark = 0);

  // Receives until a message satisfies `is_last` (included) or none came for `timeout_s`; false then.
  bool ReceiveUntil(const std::function<bool(std::string_view bytes)>& is_last, double timeout_s = 30);

  // Every message received, in order.
  const std::vector<std::string>& messages() const { return messages_; }
  std::string Bytes() const;

 private:
  zmq::socket_t socket_;
  std::vector<std::string> messages_;
};

bool IsDictionary(std::string_view event_message);
bool IsEndOfStream(std::string_view message);

// A REQ socket: one request, the parts of its answer.
class Requester {
 public:
  Requester(zmq::context_t* context, const std::string& endpoint);

  std::vector<std::string> Ask(std::string_view request);
  std::vector<std::string> Fill(uint64_t from, uint64_t to);
  // Asks again and again until [from, to) is covered or nothing more comes.
  std::vector<std::string> FillAll(uint64_t from, uint64_t to);
  std::vector<std::string> Ready(const std::string& name);
  std::vector<std::string> Stop();

 private:
  zmq::socket_t socket_;
};

}  // namespace joulespan::test

#endif  // JOULESPAN_TEST_SUPPORT_EVENT_SUBSCRIBER_H_
