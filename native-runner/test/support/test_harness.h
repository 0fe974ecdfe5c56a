// A test program is a file of TESTs: it runs them all and prints "N passed, N failed", and above it what it skipped.
#ifndef JOULESPAN_TEST_SUPPORT_TEST_HARNESS_H_
#define JOULESPAN_TEST_SUPPORT_TEST_HARNESS_H_

#include <sstream>
#include <stdexcept>
#include <string>

namespace joulespan::test {

using TestBody = void (*)();

bool RegisterTest(const char* name, TestBody body);

// Ends the test it is thrown in.
class TestFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Ends the test it is thrown in, for a reason that is printed: something from outside the project is not here.
class TestSkip : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void FailAt(const char* file, int line, const std::string& problem);

template <typename A, typename B>
void CheckEqualAt(const char* file, int line, const char* text, const A& seen, const B& expected) {
  if (seen == expected) return;
  std::ostringstream problem;
  problem << text << ": expected " << expected << ", got " << seen;
  FailAt(file, line, problem.str());
}

// Fails unless `call` throws an Error whose message holds `part`.
template <typename Error, typename Call>
void CheckThrowsAt(const char* file, int line, Call call, const std::string& part) {
  try {
    call();
  } catch (const Error& error) {
    if (std::string(error.what()).find(part) != std::string::npos) return;
    FailAt(file, line, "expected an error with \"" + part + "\", got \"" + error.what() + "\"");
  }
  FailAt(file, line, "expected an error with \"" + part + "\", got none");
}

}  // namespace joulespan::test

#define TEST(name)                                                                                      \
  static void name();                                                                                   \
  [[maybe_unused]] static const bool name##_is_registered = joulespan::test::RegisterTest(#name, name); \
  static void name()

#define CHECK(condition)                                                                   \
  do {                                                                                     \
    if (!(condition)) joulespan::test::FailAt(__FILE__, __LINE__, "expected " #condition); \
  } while (false)

#define CHECK_EQ(seen, expected) joulespan::test::CheckEqualAt(__FILE__, __LINE__, #seen, seen, expected)

#define CHECK_THROWS(Error, call, part) joulespan::test::CheckThrowsAt<Error>(__FILE__, __LINE__, [&] { call; }, part)

#endif  // JOULESPAN_TEST_SUPPORT_TEST_HARNESS_H_
