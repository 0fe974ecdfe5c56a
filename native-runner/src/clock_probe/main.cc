// joulespan-clock-probe: writes clock readings to stdout, 48 bytes each, until stdout is closed or SIGTERM comes.
//
// The host cannot read CLOCK_MONOTONIC_RAW or CLOCK_BOOTTIME itself; it keeps these readings in its journal.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "clock/monotonic_clock.h"
#include "clock_probe/clock_reading.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the record is little endian and written as it lies in memory"
#endif

namespace joulespan {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr double kMaxHz = 1000;
constexpr double kMinHz = 0.01;

volatile sig_atomic_t is_ending = 0;

int UsageFailure(const std::string& line) {
  std::fprintf(stderr, "joulespan-clock-probe: %s (usage: joulespan-clock-probe [--hz 10])\n", line.c_str());
  return kExitUsage;
}

// 0: written; else errno. Records are shorter than PIPE_BUF, so a pipe takes each whole.
int WriteReading(const ClockReading& reading) {
  const char* left = reinterpret_cast<const char*>(&reading);
  for (size_t bytes = sizeof(reading); bytes > 0;) {
    const ssize_t written = write(STDOUT_FILENO, left, bytes);
    if (written < 0 && errno == EINTR && is_ending == 0) continue;
    if (written < 0) return errno;
    left += written;
    bytes -= static_cast<size_t>(written);
  }
  return 0;
}

int Probe(double hz) {
  const int64_t period_ns = static_cast<int64_t>(kNsPerS / hz);
  SuspendCounter suspends;
  for (int64_t due_ns = NowNs(); is_ending == 0; due_ns += period_ns) {
    const timespec due{static_cast<time_t>(due_ns / kNsPerS), static_cast<long>(due_ns % kNsPerS)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr) == EINTR && is_ending == 0) {
    }
    if (is_ending != 0) break;
    ClockReading reading = ReadClocks();
    suspends.Count(&reading);
    const int error = WriteReading(reading);
    if (error == EPIPE || error == EINTR) break;
    if (error != 0) {
      std::fprintf(stderr, "joulespan-clock-probe: cannot write to stdout: %s\n", std::strerror(error));
      return kExitFailed;
    }
  }
  return kExitOk;
}

}  // namespace
}  // namespace joulespan

int main(int argc, char** argv) {
  double hz = 10;
  if (argc == 3 && std::strcmp(argv[1], "--hz") == 0) {
    char* end = nullptr;
    hz = std::strtod(argv[2], &end);
    if (end == argv[2] || *end != '\0' || !(hz >= joulespan::kMinHz && hz <= joulespan::kMaxHz)) {
      return joulespan::UsageFailure(std::string("--hz: expected a rate from 0.01 to 1000, got \"") + argv[2] + "\"");
    }
  } else if (argc != 1) {
    return joulespan::UsageFailure(std::string(argv[1]) + ": unknown or incomplete option");
  }
  struct sigaction end_on_signal {};
  end_on_signal.sa_handler = [](int) { joulespan::is_ending = 1; };
  sigaction(SIGTERM, &end_on_signal, nullptr);  // without SA_RESTART: a blocked write ends too
  sigaction(SIGINT, &end_on_signal, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return joulespan::Probe(hz);
}
