#include "wire/request.h"

#include <cstddef>
#include <cstring>
#include <stdexcept>

#include "joulespan_protocol.h"

namespace joulespan {
namespace {

struct RequestHead {
  uint32_t magic = JS_REQUEST_MAGIC;
  uint8_t request = 0;
  uint8_t reserved[3] = {0, 0, 0};
  uint64_t from = 0;
  uint64_t to = 0;
};

static_assert(sizeof(RequestHead) == JS_REQUEST_BYTES);
static_assert(offsetof(RequestHead, request) == 4 && offsetof(RequestHead, from) == 8 &&
              offsetof(RequestHead, to) == 16);

// A name is shown to people and kept for the whole run.
constexpr size_t kSubscriberNameMax = 200;

}  // namespace

Request DecodeRequest(std::string_view bytes) {
  RequestHead head;
  if (bytes.size() < sizeof(head)) {
    throw std::invalid_argument("expected at least " + std::to_string(sizeof(head)) + " bytes, got " +
                                std::to_string(bytes.size()));
  }
  std::memcpy(&head, bytes.data(), sizeof(head));
  if (head.magic != JS_REQUEST_MAGIC) throw std::invalid_argument("expected the magic JSQ1");
  const std::string_view rest = bytes.substr(sizeof(head));
  switch (head.request) {
    case JS_REQUEST_FILL:
      if (head.from >= head.to) {
        throw std::invalid_argument("fill: expected from < to, got " + std::to_string(head.from) + " and " +
                                    std::to_string(head.to));
      }
      break;
    case JS_REQUEST_READY:
      if (rest.empty() || rest.size() > kSubscriberNameMax) {
        throw std::invalid_argument("ready: expected a name of 1 to " + std::to_string(kSubscriberNameMax) +
                                    " bytes, got " + std::to_string(rest.size()));
      }
      return Request{head.request, head.from, head.to, std::string(rest)};
    case JS_REQUEST_STOP:
    case JS_REQUEST_CLOCK:
      break;
    default:
      throw std::invalid_argument("unknown request " + std::to_string(head.request));
  }
  if (!rest.empty()) {
    throw std::invalid_argument("expected " + std::to_string(sizeof(head)) + " bytes, got " +
                                std::to_string(bytes.size()));
  }
  return Request{head.request, head.from, head.to, {}};
}

std::string EncodeRequest(const Request& request) {
  RequestHead head;
  head.request = request.request;
  head.from = request.from;
  head.to = request.to;
  std::string bytes(sizeof(head), '\0');
  std::memcpy(bytes.data(), &head, sizeof(head));
  return bytes + request.subscriber;
}

}  // namespace joulespan
