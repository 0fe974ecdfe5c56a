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

bool Passes(const NamedTest& test) {
  try {
    test.body();
    return true;
  } catch (const std::exception& error) {
    std::printf("%s failed: %s\n", test.name, error.what());
    return false;
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
  for (const auto& test : joulespan::test::Tests()) {
    ++(joulespan::test::Passes(test) ? passed : failed);
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
