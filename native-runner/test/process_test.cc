// How the program ends: signals, kills, bad plans, busy endpoints, full disks.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "clock/monotonic_clock.h"
#include "plan/parse_plan.h"
#include "support/event_subscriber.h"
#include "support/live_runner.h"
#include "support/stream_check.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

struct Ended {
  int exit_code = 0;
  std::string out;
  std::string err;
};

Ended RunToEnd(std::vector<std::string> arguments) {
  const TemporaryFolder folder;
  arguments.insert(arguments.begin(), JOULESPAN_RUNNER);
  ChildProcess runner(arguments, folder / "stderr.txt");
  Ended ended;
  ended.out = runner.ReadAll();
  ended.exit_code = runner.Wait();
  ended.err = ReadFile(folder / "stderr.txt");
  return ended;
}

size_t Lines(const std::string& text) { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }

void CheckDrainsOn(int signal_number) {
  const Json text = PipelineJson(4, 600, 5.0);
  LiveRunner runner(text);
  runner.AwaitEvents(300);
  runner.process()->Signal(signal_number);
  const Json finished = runner.Finish();
  CHECK_EQ(runner.exit_code(), 130);
  CHECK_EQ(finished["reason"].get<std::string>(), "interrupted");
  const MessageList list = ListEvents(runner.EventLogBytes());
  CheckWholeStream(list);
  const RunCounts counts = CheckRun(list.Events(), ParsePlan(text.dump()));  // nothing is left open
  CHECK(counts.inferences > 10);
  CHECK_EQ(counts.unloads, 0u);
  CHECK_EQ(int{ListPowers(runner.PowerLogBytes()).messages.back().header.message}, JS_MESSAGE_END);
}

TEST(SigintDrains) { CheckDrainsOn(SIGINT); }

TEST(SigtermDrains) { CheckDrainsOn(SIGTERM); }

TEST(ASignalWhileSubscribersAreAwaitedEndsAtOnce) {
  LiveRunner runner(PipelineJson(1, 1), {"--subscribers", "1", "--subscriber-timeout-s", "600"});
  runner.process()->Signal(SIGINT);
  runner.Finish();
  CHECK_EQ(runner.exit_code(), 130);
  CheckWholeStream(ListEvents(runner.EventLogBytes()));
}

TEST(ASecondSignalEndsItAtOnce) {
  LiveRunner runner(PipelineJson(1, 600, 4000));  // a stage of four seconds to drain
  SleepUntilNs(NowNs() + 400 * kNsPerMs);
  const int64_t before_ns = NowNs();
  runner.process()->Signal(SIGINT);
  SleepUntilNs(NowNs() + 300 * kNsPerMs);
  runner.process()->Signal(SIGINT);
  CHECK_EQ(runner.exit_code(), 128 + SIGINT);
  CHECK(NowNs() - before_ns < 3 * kNsPerS);
}

TEST(AKillLeavesALogOfWholeMessages) {
  const Json text = PipelineJson(4, 600);
  for (int i = 0; i < 5; ++i) {
    LiveRunner runner(text);
    runner.AwaitEvents(200);
    SleepUntilNs(NowNs() + 7 * i * kNsPerMs);
    runner.process()->Signal(SIGKILL);
    CHECK_EQ(runner.exit_code(), 128 + SIGKILL);
    const MessageList list = ListEvents(runner.EventLogBytes());
    CHECK(list.bad == BadReason::kNone);
    CHECK(list.Events().size() > 100);
    CheckWatermarks(list);
  }
}

TEST(ASimulationIsInterrupted) {
  const TemporaryFolder folder;
  Json text = PipelineJson(4, 2'000'000);  // would take minutes
  WriteFile(folder / "plan.json", text.dump());
  ChildProcess runner({JOULESPAN_RUNNER, "--plan", folder / "plan.json", "--log", folder / "events.log", "--simulate"},
                      folder / "stderr.txt");
  runner.ReadLine();
  SleepUntilNs(NowNs() + 300 * kNsPerMs);
  runner.Signal(SIGINT);
  CHECK_EQ(runner.Wait(), 130);
  const MessageList list = ListEvents(ReadFile(folder / "events.log"));
  CheckWholeStream(list);
  CheckRun(list.Events(), ParsePlan(text.dump()));
}

TEST(AMarkerLineThatCannotBeHadIsOneLineThatSaysWhy) {
  const TemporaryFolder folder;
  Json text = PipelineJson(1, 1);
  const auto run = [&](const std::string& chip) {
    text["marker"] = {{"wire", "gpio"}, {"chip", chip}, {"line", 3}};
    WriteFile(folder / "plan.json", text.dump());
    unlink((folder / "events.log").c_str());
    return RunToEnd({"--plan", folder / "plan.json", "--log", folder / "events.log", "--events",
                     "ipc://" + (folder / "events.ipc"), "--requests", "ipc://" + (folder / "requests.ipc")});
  };
  const Ended missing = run("/nonexistent/gpiochip9");
  CHECK_EQ(missing.exit_code, 3);
  CHECK_EQ(Lines(missing.err), 1u);
  CHECK(missing.err.find("marker: /nonexistent/gpiochip9: expected a GPIO chip, saw No such file") != std::string::npos);
  const Ended other = run("/dev/null");
  CHECK_EQ(other.exit_code, 3);
  CHECK(other.err.find("marker: /dev/null: expected a GPIO chip, saw something else") != std::string::npos);
  const std::string locked = folder / "gpiochip";
  WriteFile(locked, "");
  chmod(locked.c_str(), 0);
  if (geteuid() != 0) CHECK_EQ(run(locked).exit_code, 4);
}

TEST(ABadPlanIsOneLineThatNamesTheField) {
  const TemporaryFolder folder;
  Json text = PipelineJson(2, 1);
  text["tasks"][0]["queues"] = 3;
  WriteFile(folder / "plan.json", text.dump());
  const Ended ended = RunToEnd({"--plan", folder / "plan.json", "--log", folder / "events.log", "--simulate"});
  CHECK_EQ(ended.exit_code, 2);
  CHECK_EQ(ended.out, "");
  CHECK_EQ(ended.err, "joulespan-runner: " + (folder / "plan.json") + ": tasks[0].queues: unknown field\n");
}

TEST(BadOptionsAreOneLine) {
  for (const auto& [arguments, expected] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, "--plan: expected a file"},
           {{"--plan", "p", "--log", "l"}, "--events: expected an endpoint"},
           {{"--colour"}, "--colour: unknown option"},
           {{"--plan"}, "--plan: expected a value"},
           {{"--plan", "p", "--log", "l", "--start-ns", "5"}, "--start-ns: expected --simulate"},
           {{"--subscribers", "-1"}, "--subscribers: expected an integer from 0 to 1000, got \"-1\""},
           {{"--linger-s", "x"}, "--linger-s: expected seconds"},
           {{"--plan", "p", "more"}, "more: expected an option"},
           {{"--plan", "/nowhere/plan.json", "--log", "l", "--simulate"}, "/nowhere/plan.json: expected a readable"}}) {
    const Ended ended = RunToEnd(arguments);
    CHECK_EQ(ended.exit_code, 2);
    CHECK_EQ(Lines(ended.err), 1u);
    CHECK(ended.err.find("joulespan-runner: " + expected) == 0);
  }
}

TEST(HelpGoesToStdout) {
  const Ended ended = RunToEnd({"--help"});
  CHECK_EQ(ended.exit_code, 0);
  CHECK(ended.out.find("Example: joulespan-runner --plan") != std::string::npos);
  CHECK_EQ(ended.err, "");
}

TEST(ABusyEndpointIsLeftAlone) {
  for (const bool tcp : {false, true}) {
    zmq::context_t context;
    LiveRunner first(PipelineJson(1, 2), {}, tcp);
    const TemporaryFolder folder;
    WriteFile(folder / "plan.json", PipelineJson(1, 1).dump());
    const Ended ended = RunToEnd({"--plan", folder / "plan.json", "--log", folder / "events.log", "--events",
                                  first.events_endpoint(), "--requests", "ipc://" + (folder / "r.ipc")});
    CHECK_EQ(ended.exit_code, 3);
    CHECK_EQ(Lines(ended.err), 1u);
    CHECK(ended.err.find(first.events_endpoint() + " is in use") != std::string::npos);
    // The one that was there first still publishes there.
    EventSubscriber subscriber(&context, first.events_endpoint());
    CHECK(subscriber.ReceiveUntil(IsEndOfStream));
    first.Finish();
    CHECK_EQ(first.exit_code(), 0);
  }
}

TEST(AnEndpointLeftByAKillIsTakenOver) {
  const TemporaryFolder folder;
  WriteFile(folder / "plan.json", PipelineJson(1, 0.1).dump());
  const auto arguments = [&](const std::string& log) {
    return std::vector<std::string>{JOULESPAN_RUNNER,
                                    "--plan",
                                    folder / "plan.json",
                                    "--log",
                                    folder / log,
                                    "--events",
                                    "ipc://" + (folder / "e.ipc"),
                                    "--requests",
                                    "ipc://" + (folder / "r.ipc"),
                                    "--linger-s",
                                    "0"};
  };
  ChildProcess killed(arguments("first.log"), folder / "stderr.txt");
  killed.ReadLine();
  killed.Signal(SIGKILL);
  killed.Wait();
  ChildProcess next(arguments("second.log"), folder / "stderr.txt");
  next.ReadAll();
  CHECK_EQ(next.Wait(), 0);
}

TEST(AnEndpointThatCannotBeIsAUsageError) {
  const TemporaryFolder folder;
  WriteFile(folder / "plan.json", PipelineJson(1, 1).dump());
  const Ended ended = RunToEnd({"--plan", folder / "plan.json", "--log", folder / "events.log", "--events",
                                "ipc://" + (folder / "none/e.ipc"), "--requests", "ipc://" + (folder / "r.ipc")});
  CHECK_EQ(ended.exit_code, 2);
  CHECK(ended.err.find("cannot bind ipc://") != std::string::npos);
}

TEST(AnotherRunsLogIsNotTouched) {
  const TemporaryFolder folder;
  WriteFile(folder / "plan.json", PipelineJson(1, 1).dump());
  WriteFile(folder / "events.log", "precious");
  const Ended ended = RunToEnd({"--plan", folder / "plan.json", "--log", folder / "events.log", "--simulate"});
  CHECK_EQ(ended.exit_code, 2);
  CHECK(ended.err.find("already holds 8 bytes") != std::string::npos);
  CHECK_EQ(ReadFile(folder / "events.log"), "precious");
}

TEST(AFullDiskEndsTheRunInOneLine) {
  LiveRunner runner(PipelineJson(2, 600), {"--log", "/dev/full", "--linger-s", "0"});
  const Json finished = runner.Finish();
  CHECK_EQ(runner.exit_code(), 1);
  CHECK_EQ(finished["reason"].get<std::string>(), "failed");
  CHECK(runner.Stderr().find("event log: cannot append to /dev/full after 0 bytes: No space left") !=
        std::string::npos);
}

// The publisher is kept waiting by a log that takes nothing: a pipe that nobody reads.
TEST(EventsThatAreLostFailTheRun) {
  Json text = PipelineJson(1, 600, 0.0);
  text["models"][0]["segments"][0]["phases"][0]["ms"] = 0.01;
  text["idle"]["gap_every_ms"] = 0;
  const TemporaryFolder folder;
  const std::string pipe = folder / "events.pipe";
  CHECK_EQ(mkfifo(pipe.c_str(), 0600), 0);
  LiveRunner runner(text, {"--log", pipe, "--linger-s", "0"});
  SleepUntilNs(NowNs() + 6 * kNsPerS);
  runner.process()->Signal(SIGINT);
  std::thread reader([&pipe] { ReadFile(pipe); });
  const Json finished = runner.Finish();
  reader.join();
  CHECK_EQ(runner.exit_code(), 1);
  CHECK_EQ(finished["reason"].get<std::string>(), "failed");
  CHECK(finished["events_dropped"].get<uint64_t>() > 0);
  CHECK(runner.Stderr().find("events are being lost") != std::string::npos);
  CHECK(runner.Stderr().find("the record of this run is not whole") != std::string::npos);
}

TEST(AStoppedRunnerGoesOn) {
  const Json text = PipelineJson(4, 1);
  LiveRunner runner(text, {"--linger-s", "0"});
  for (int i = 0; i < 3; ++i) {
    SleepUntilNs(NowNs() + 200 * kNsPerMs);
    runner.process()->Signal(SIGSTOP);
    SleepUntilNs(NowNs() + 200 * kNsPerMs);
    runner.process()->Signal(SIGCONT);
  }
  runner.Finish();
  CHECK_EQ(runner.exit_code(), 0);
  const MessageList list = ListEvents(runner.EventLogBytes());
  CheckWholeStream(list);
  CheckRun(list.Events(), ParsePlan(text.dump()));
}

TEST(AReaderOfStdoutThatLeavesDoesNotEndTheRun) {
  LiveRunner runner(PipelineJson(1, 0.3), {"--linger-s", "0"});
  runner.process()->CloseStdout();
  CHECK_EQ(runner.exit_code(), 0);
  CheckWholeStream(ListEvents(runner.EventLogBytes()));
}

}  // namespace
}  // namespace joulespan::test
