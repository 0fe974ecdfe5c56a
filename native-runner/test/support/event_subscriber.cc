#include "event_subscriber.h"

#include <stdexcept>

#include "joulespan_protocol.h"
#include "wire/message.h"

namespace joulespan::test {

EventSubscriber::EventSubscriber(zmq::context_t* context, const std::string& endpoint, int receive_high_water_mark)
    : socket_(*context, zmq::socket_type::sub) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::rcvhwm, receive_high_water_mark);
  socket_.set(zmq::sockopt::subscribe, "");
  socket_.connect(endpoint);
}

bool EventSubscriber::ReceiveUntil(const std::function<bool(std::string_view bytes)>& is_last, double timeout_s) {
  socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(timeout_s * 1000));
  for (;;) {
    zmq::message_t message;
    if (!socket_.recv(message)) return false;
    messages_.push_back(message.to_string());
    if (is_last(messages_.back())) return true;
  }
}

std::string EventSubscriber::Bytes() const {
  std::string bytes;
  for (const std::string& message : messages_) bytes += message;
  return bytes;
}

bool IsDictionary(std::string_view event_message) {
  return event_message[JS_EVENT_AT_MESSAGE] == JS_MESSAGE_DICTIONARY;
}

bool IsEndOfStream(std::string_view message) { return message[JS_EVENT_AT_MESSAGE] == JS_MESSAGE_END; }

Requester::Requester(zmq::context_t* context, const std::string& endpoint) : socket_(*context, zmq::socket_type::req) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::rcvtimeo, 30'000);
  socket_.connect(endpoint);
}

std::vector<std::string> Requester::Ask(std::string_view request) {
  socket_.send(zmq::buffer(request.data(), request.size()), zmq::send_flags::none);
  std::vector<std::string> parts;
  zmq::message_t part;
  do {
    if (!socket_.recv(part)) throw std::runtime_error("no answer to a request");
    parts.push_back(part.to_string());
  } while (part.more());
  return parts;
}

std::vector<std::string> Requester::Fill(uint64_t from, uint64_t to) {
  Request request;
  request.request = JS_REQUEST_FILL;
  request.from = from;
  request.to = to;
  return Ask(EncodeRequest(request));
}

std::vector<std::string> Requester::FillAll(uint64_t from, uint64_t to) {
  std::vector<std::string> all;
  while (from < to) {
    for (std::string& part : Fill(from, to)) {
      if (part.empty()) return all;
      const DecodedMessage decoded = DecodeEventMessage(part);
      if (decoded.status != DecodeStatus::kMessage) throw std::runtime_error("a fill answer is no message: " + part);
      from = decoded.header.first_sequence + decoded.header.count;
      all.push_back(std::move(part));
    }
  }
  return all;
}

std::vector<std::string> Requester::Ready(const std::string& name) {
  Request request;
  request.request = JS_REQUEST_READY;
  request.subscriber = name;
  return Ask(EncodeRequest(request));
}

std::vector<std::string> Requester::Stop() {
  Request request;
  request.request = JS_REQUEST_STOP;
  return Ask(EncodeRequest(request));
}

}  // namespace joulespan::test
