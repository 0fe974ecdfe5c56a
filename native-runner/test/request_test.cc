#include "wire/request.h"

#include <stdexcept>

#include "joulespan_protocol.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

Request MakeRequest(uint8_t kind, uint64_t from, uint64_t to, const std::string& name) {
  Request request;
  request.request = kind;
  request.from = from;
  request.to = to;
  request.subscriber = name;
  return request;
}

TEST(RequestsSurviveARoundTrip) {
  const Request fill = DecodeRequest(EncodeRequest(MakeRequest(JS_REQUEST_FILL, 5, 1ull << 40, "")));
  CHECK_EQ(int{fill.request}, JS_REQUEST_FILL);
  CHECK_EQ(fill.from, 5u);
  CHECK_EQ(fill.to, 1ull << 40);
  CHECK_EQ(DecodeRequest(EncodeRequest(MakeRequest(JS_REQUEST_READY, 0, 0, "h\xC3\xB4te"))).subscriber, "h\xC3\xB4te");
  CHECK_EQ(int{DecodeRequest(EncodeRequest(MakeRequest(JS_REQUEST_STOP, 0, 0, ""))).request}, JS_REQUEST_STOP);
}

TEST(ARequestIsLaidOutAsDrawn) {
  const std::string bytes = EncodeRequest(MakeRequest(JS_REQUEST_FILL, 0x0102, 0x0304, ""));
  CHECK(bytes == std::string("JSQ1\x01\0\0\0\x02\x01\0\0\0\0\0\0\x04\x03\0\0\0\0\0\0", 24));
}

TEST(MalformedRequestsAreNamed) {
  CHECK_THROWS(std::invalid_argument, DecodeRequest(""), "expected at least 24 bytes, got 0");
  CHECK_THROWS(std::invalid_argument, DecodeRequest(std::string(24, 'x')), "magic");
  CHECK_THROWS(std::invalid_argument, DecodeRequest(EncodeRequest(MakeRequest(9, 0, 0, ""))), "unknown request 9");
  CHECK_THROWS(std::invalid_argument, DecodeRequest(EncodeRequest(MakeRequest(JS_REQUEST_FILL, 7, 7, ""))),
               "expected from < to, got 7 and 7");
  CHECK_THROWS(std::invalid_argument, DecodeRequest(EncodeRequest(MakeRequest(JS_REQUEST_FILL, 0, 7, "x"))),
               "expected 24 bytes, got 25");
  CHECK_THROWS(std::invalid_argument, DecodeRequest(EncodeRequest(MakeRequest(JS_REQUEST_READY, 0, 0, ""))), "name");
}

}  // namespace
}  // namespace joulespan::test
