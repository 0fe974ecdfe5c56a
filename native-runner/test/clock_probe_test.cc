#include <signal.h>

#include <cstring>

#include "clock/monotonic_clock.h"
#include "clock_probe/clock_reading.h"
#include "support/child_process.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

ClockReading ReadingAt(int64_t mono_ns, int64_t boottime_ahead_ns, int64_t width_ns = 200) {
  ClockReading reading;
  reading.mono_before_ns = mono_ns;
  reading.mono_after_ns = mono_ns + width_ns;
  reading.boottime_ns = mono_ns + width_ns / 2 + boottime_ahead_ns;
  return reading;
}

int64_t CountAfter(SuspendCounter* counter, ClockReading reading) {
  counter->Count(&reading);
  return reading.suspend_count;
}

TEST(OtherClocksAreReadWithinTheBracket) {
  const int64_t before_ns = NowNs();
  const ClockReading reading = ReadClocks();
  CHECK(reading.mono_before_ns >= before_ns);
  CHECK(reading.mono_after_ns >= reading.mono_before_ns);
  CHECK(NowNs() >= reading.mono_after_ns);
  CHECK(reading.raw_ns > 0 && reading.boottime_ns > 0);
  CHECK(reading.realtime_ns > 1'600'000'000 * kNsPerS);
}

TEST(SuspendsAreCountedAndSmallDifferencesAreNot) {
  SuspendCounter counter;
  CHECK_EQ(CountAfter(&counter, ReadingAt(0, 5 * kNsPerS)), 0);
  CHECK_EQ(CountAfter(&counter, ReadingAt(kNsPerS, 5 * kNsPerS + 900'000)), 0);
  CHECK_EQ(CountAfter(&counter, ReadingAt(2 * kNsPerS, 6 * kNsPerS)), 1);
  CHECK_EQ(CountAfter(&counter, ReadingAt(3 * kNsPerS, 6 * kNsPerS)), 1);
  CHECK_EQ(CountAfter(&counter, ReadingAt(4 * kNsPerS, 6 * kNsPerS + 2 * kNsPerMs)), 2);
}

TEST(AWideBracketIsNoSuspend) {
  SuspendCounter counter;
  CountAfter(&counter, ReadingAt(0, 0));
  ClockReading preempted = ReadingAt(kNsPerS, 0, 20 * kNsPerMs);
  preempted.boottime_ns = preempted.mono_after_ns;  // all of it after the other reading
  CHECK_EQ(CountAfter(&counter, preempted), 0);
  CHECK_EQ(CountAfter(&counter, ReadingAt(2 * kNsPerS, 0)), 0);
}

std::vector<ClockReading> DecodeReadings(const std::string& bytes) {
  std::vector<ClockReading> readings(bytes.size() / sizeof(ClockReading));
  if (!readings.empty()) std::memcpy(readings.data(), bytes.data(), readings.size() * sizeof(ClockReading));
  return readings;
}

TEST(TheProbeWritesWholeReadingsUntilItIsTold) {
  const int64_t before_ns = NowNs();
  ChildProcess probe({JOULESPAN_CLOCK_PROBE, "--hz", "50"});
  SleepUntilNs(NowNs() + 600 * kNsPerMs);
  probe.Signal(SIGTERM);
  const std::string bytes = probe.ReadAll();
  CHECK_EQ(probe.Wait(), 0);
  CHECK_EQ(bytes.size() % sizeof(ClockReading), 0u);
  const std::vector<ClockReading> readings = DecodeReadings(bytes);
  CHECK(readings.size() >= 3);
  CHECK(readings.size() <= 50e-9 * static_cast<double>(NowNs() - before_ns) + 1);
  int64_t last_ns = before_ns;
  for (const ClockReading& reading : readings) {
    CHECK(reading.mono_before_ns > last_ns);
    CHECK(reading.mono_after_ns >= reading.mono_before_ns);
    CHECK_EQ(reading.suspend_count, 0);
    last_ns = reading.mono_after_ns;
  }
}

TEST(TheProbeEndsWhenNobodyReads) {
  ChildProcess probe({JOULESPAN_CLOCK_PROBE, "--hz", "50"});
  SleepUntilNs(NowNs() + 100 * kNsPerMs);
  probe.CloseStdout();
  CHECK_EQ(probe.Wait(), 0);
}

TEST(TheProbeRefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--hz", "0"}, {"--hz", "ten"}, {"--fast"}}) {
    std::vector<std::string> arguments = {JOULESPAN_CLOCK_PROBE};
    arguments.insert(arguments.end(), options.begin(), options.end());
    ChildProcess probe(arguments, "/dev/null");
    CHECK_EQ(probe.Wait(), 2);
  }
}

}  // namespace
}  // namespace joulespan::test
