// Requests to the runner (protocol/event.md, "Requests").
#ifndef JOULESPAN_WIRE_REQUEST_H_
#define JOULESPAN_WIRE_REQUEST_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace joulespan {

struct Request {
  uint8_t request = 0;     // JS_REQUEST_FILL, _READY, _STOP or _CLOCK
  uint64_t from = 0;       // fill: first sequence wanted; clock: repeated in the answer
  uint64_t to = 0;         // fill: one past the last
  std::string subscriber;  // ready: the name, never empty
};

// Throws std::invalid_argument with the reason that the answer gives back.
Request DecodeRequest(std::string_view bytes);

std::string EncodeRequest(const Request& request);

}  // namespace joulespan

#endif  // JOULESPAN_WIRE_REQUEST_H_
