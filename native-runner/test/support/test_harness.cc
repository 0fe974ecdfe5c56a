#include "test_harness.h"

#include <cstdio>
#include <exception>
#include <vector>

namespace joulespan::test {
namespace {

struct NamedTest {
  const char* name;
  TestBody body;
};

// Filled before main by the TESTs' initialisers, hence a function's static.
std::vector<NamedTest>& Tests() {
  static std::vector<NamedTest> tests;
  return tests;
}

enum class Verdict { kPassed, kFailed, kSkipped };

Verdict Judge(const NamedTest& test) {
  try {
    test.body();
    return Verdict::kPassed;
  } catch (const TestSkip& skip) {
    std::printf("skipped %s: %s\n", test.name, skip.what());
    return Verdict::kSkipped;
  } catch (const std::exception& error) {
    std::printf("%s failed: %s\n", test.name, error.what());
    return Verdict::kFailed;
  }
}

}  // namespace

bool RegisterTest(const char* name, TestBody body) {
  Tests().push_back(NamedTest{name, body});
  return true;
}

void FailAt(const char* file, int line, const std::string& problem) {
  throw TestFailure(std::string(file) + ":" + std::to_string(line) + ": " + problem);
}

}  // namespace joulespan::test

int main() {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  for (const auto& test : joulespan::test::Tests()) {
    const auto verdict = joulespan::test::Judge(test);
    passed += verdict == joulespan::test::Verdict::kPassed;
    failed += verdict == joulespan::test::Verdict::kFailed;
    skipped += verdict == joulespan::test::Verdict::kSkipped;
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed + skipped > 0 ? 0 : 1;
}
