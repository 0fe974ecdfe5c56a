#include "sockets/request_server.h"

#include <stdexcept>
#include <vector>

#include "clock/monotonic_clock.h"
#include "joulespan_protocol.h"
#include "wire/request.h"

namespace joulespan {
namespace {

// Both clocks between the two readings that bound the transfer from either side.
std::string ClockAnswer(uint64_t number, int64_t received_ns, const ToldClock& told) {
  const int64_t raw_ns = ReadClockNs(CLOCK_MONOTONIC_RAW);
  const int64_t boottime_ns = ReadClockNs(CLOCK_BOOTTIME);
  const int64_t answered_ns = NowNs();
  const int64_t words[] = {static_cast<int64_t>(number), told.Tell(received_ns), told.Tell(raw_ns),
                           told.Tell(boottime_ns), told.Tell(answered_ns)};
  static_assert(sizeof(words) == JS_CLOCK_ANSWER_BYTES);
  return {reinterpret_cast<const char*>(words), sizeof(words)};
}

// How soon the thread notices that it shall end.
constexpr long kPollMs = 20;

}  // namespace

RequestServer::RequestServer(zmq::socket_t router, const EventLog& log, ToldClock told,
                             std::function<void(const std::string& name)> on_ready, std::function<void()> on_stop)
    : router_(std::move(router)), log_(log), told_(told), on_ready_(std::move(on_ready)), on_stop_(std::move(on_stop)) {
  thread_ = std::thread([this] { Run(); });
}

RequestServer::~RequestServer() {
  is_ending_.store(true);
  thread_.join();
}

void RequestServer::Run() {
  zmq_pollitem_t item{router_.handle(), 0, ZMQ_POLLIN, 0};
  while (!is_ending_.load()) {
    if (zmq_poll(&item, 1, kPollMs) <= 0) continue;  // the C call: a stopped and continued process is no exception
    std::vector<zmq::message_t> parts(1);
    if (!router_.recv(parts.back(), zmq::recv_flags::dontwait)) continue;
    while (parts.back().more()) {
      parts.emplace_back();
      if (!router_.recv(parts.back())) break;
    }
    last_request_ns_.store(NowNs());
    Answer(parts);
  }
}

void RequestServer::Answer(const std::vector<zmq::message_t>& request) {
  std::vector<std::string> answer;
  if (request.size() == 3 && request[1].size() == 0) {
    answer = AnswerParts(request[2].to_string_view());
  } else {
    answer.push_back("error: expected an empty delimiter and one part, got " + std::to_string(request.size() - 1) +
                     " parts");
  }
  router_.send(zmq::buffer(request[0].data(), request[0].size()), zmq::send_flags::sndmore);
  router_.send(zmq::message_t(), zmq::send_flags::sndmore);
  for (size_t i = 0; i < answer.size(); ++i) {
    router_.send(zmq::buffer(answer[i]), i + 1 < answer.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
  }
}

std::vector<std::string> RequestServer::AnswerParts(std::string_view payload) {
  try {
    const int64_t received_ns = NowNs();
    const Request request = DecodeRequest(payload);
    switch (request.request) {
      case JS_REQUEST_FILL: {
        std::vector<std::string> messages = log_.Read(request.from, request.to, JS_FILL_MESSAGES_MAX);
        if (messages.empty()) messages.emplace_back();
        return messages;
      }
      case JS_REQUEST_READY:
        on_ready_(request.subscriber);
        break;
      case JS_REQUEST_CLOCK:
        return {ClockAnswer(request.from, received_ns, told_)};
      default:
        on_stop_();
    }
    return {"ok"};
  } catch (const std::invalid_argument& error) {
    return {std::string("error: ") + error.what()};
  }
}

}  // namespace joulespan
