#include "subscriber_role.h"

#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <limits>
#include <map>
#include <stdexcept>
#include <zmq.hpp>

#include "support/event_subscriber.h"
#include "wire/message.h"

namespace joulespan::bench {
namespace {

using nlohmann::ordered_json;

constexpr char kReading[] = "reading";
constexpr char kNotReading[] = "not-reading";
// What a subscriber that does not bother sets: libzmq's own default.
constexpr int kReceiveHighWaterMark = 1000;

// Which sequences are there, as disjoint [first, end).
class SequenceCover {
 public:
  void Add(uint64_t first, uint64_t end) {
    if (first == end) return;
    events_ += end - first;
    auto next = ranges_.upper_bound(first);
    if (next != ranges_.begin() && std::prev(next)->second == first) {
      first = std::prev(next)->first;
      next = ranges_.erase(std::prev(next));
    }
    if (next != ranges_.end() && next->first == end) {
      end = next->second;
      ranges_.erase(next);
    }
    ranges_[first] = end;
  }

  uint64_t events() const { return events_; }
  uint64_t end() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second; }

  std::map<uint64_t, uint64_t> Gaps() const {
    std::map<uint64_t, uint64_t> gaps;
    uint64_t next = 0;
    for (const auto& [first, end] : ranges_) {
      if (first > next) gaps[next] = first;
      next = end;
    }
    return gaps;
  }

 private:
  std::map<uint64_t, uint64_t> ranges_;
  uint64_t events_ = 0;
};

void AddMessage(const std::string& bytes, SequenceCover* cover) {
  const DecodedMessage message = DecodeEventMessage(bytes);
  if (message.status != DecodeStatus::kMessage) throw std::runtime_error("a message that does not decode");
  if (message.header.message != JS_MESSAGE_EVENTS) return;
  cover->Add(message.header.first_sequence, message.header.first_sequence + message.header.count);
}

}  // namespace

const char kSubscriberFlag[] = "--subscriber";

SubscriberProcess::SubscriberProcess(SubscriberRole role, const std::string& events_endpoint,
                                     const std::string& requests_endpoint)
    : process_({"/proc/self/exe", kSubscriberFlag, role == SubscriberRole::kReading ? kReading : kNotReading,
                events_endpoint, requests_endpoint}) {
  if (process_.ReadLine() != "ready") throw std::runtime_error("a subscriber does not come up");
}

ordered_json SubscriberProcess::Settle() {
  process_.WriteLine("settle");
  const auto line = process_.ReadLine(120);
  if (!line) throw std::runtime_error("a subscriber does not settle");
  return ordered_json::parse(*line);
}

int RunSubscriber(int argc, char** argv) {
  if (argc != 5) return 2;
  const bool is_reading = std::string(argv[2]) == kReading;
  const std::string requests_endpoint = argv[4];
  zmq::context_t context;
  test::EventSubscriber subscriber(&context, argv[3], kReceiveHighWaterMark);
  if (!subscriber.ReceiveUntil(test::IsDictionary)) return 1;
  if (!requests_endpoint.empty())
    test::Requester(&context, requests_endpoint).Ready("bench " + std::to_string(getpid()));
  std::cout << "ready" << std::endl;

  // It is through with the end of stream, or when that was lost too and nothing has come twice in a row: the first
  // silence may be the time for which it was stopped itself.
  constexpr double kSilenceS = 2;
  std::string line;
  if (!is_reading) std::getline(std::cin, line);
  if (!subscriber.ReceiveUntil(test::IsEndOfStream, kSilenceS)) subscriber.ReceiveUntil(test::IsEndOfStream, kSilenceS);
  if (is_reading) std::getline(std::cin, line);
  if (line != "settle") return 1;

  SequenceCover cover;
  for (const std::string& message : subscriber.messages()) AddMessage(message, &cover);
  const uint64_t received = cover.events();
  test::Requester requester(&context, requests_endpoint);
  const auto fill = [&](uint64_t from, uint64_t to) {
    for (const std::string& message : requester.FillAll(from, to)) AddMessage(message, &cover);
  };
  for (const auto& [from, to] : cover.Gaps()) fill(from, to);
  fill(cover.end(), std::numeric_limits<uint64_t>::max());
  std::cout << ordered_json({{"received", received},
                             {"filled", cover.events() - received},
                             {"end", cover.end()},
                             {"missing", cover.end() - cover.events()}})
            << std::endl;
  return 0;
}

}  // namespace joulespan::bench
