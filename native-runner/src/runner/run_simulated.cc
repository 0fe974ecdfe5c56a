#include "runner/run_simulated.h"

#include <memory>

#include "clock/monotonic_clock.h"
#include "random/keyed_random.h"
#include "runner/exit_code.h"
#include "runner/run_lines.h"
#include "session/simulated_session.h"
#include "stream/append_file.h"
#include "stream/dictionary.h"

namespace joulespan {
namespace {

// The same for the same run: a simulated log is a pure function of the plan, the seed and the start.
uint64_t SimulatedSourceId(const Plan& plan, int64_t start_ns) {
  return KeyedRandom(plan.seed, RandomUse::kSourceId, {static_cast<uint64_t>(start_ns)}).Next();
}

// Collects messages into large writes: nobody reads the log meanwhile.
class BufferedLog {
 public:
  explicit BufferedLog(const std::string& path) : file_(path) {}

  void Append(std::string_view message) {
    buffer_.append(message);
    if (buffer_.size() >= kWriteBytes) Write();
  }

  // Answers the failure, empty when all was written.
  std::string Close() {
    Write();
    file_.Sync();
    return file_.failure();
  }

 private:
  static constexpr size_t kWriteBytes = 1 << 20;

  void Write() {
    file_.Append(buffer_);
    buffer_.clear();
  }

  AppendFile file_;
  std::string buffer_;
};

}  // namespace

int RunSimulated(const Options& options, const Plan& plan, const SignalWatcher& signals) {
  const int64_t start_ns = options.start_ns.value_or(0);
  BufferedLog log(options.log_path);
  std::unique_ptr<BufferedLog> power_log;
  if (!options.power_log_path.empty()) power_log = std::make_unique<BufferedLog>(options.power_log_path);
  if (!options.events_endpoint.empty() || !options.requests_endpoint.empty() || !options.powers_endpoint.empty()) {
    Tell("--simulate: no sockets are opened");
  }

  ReadyLine ready;
  ready.source_id = SimulatedSourceId(plan, start_ns);
  EventStream events(ready.source_id, DictionaryJson(plan, RunnerIdentity{"simulated", 0, {}, ""}),
                     [&log](std::string_view bytes, const MessageHeader&) { log.Append(bytes); });
  PowerStream powers(ready.source_id,
                     [&power_log](std::string_view bytes, const MessageHeader&) { power_log->Append(bytes); });
  PrintReady(ready);
  PrintStarted();
  const int64_t began_ns = NowNs();
  SimulatedSession session(plan, start_ns, &events, power_log ? &powers : nullptr);

  FinishedLine finished;
  finished.report = session.Run(signals.was_signalled());
  finished.report.failure = log.Close();
  if (power_log && finished.report.failure.empty()) finished.report.failure = power_log->Close();
  finished.events = events.events();
  finished.duration_ns = NowNs() - began_ns;
  int exit_code = kExitOk;
  finished.reason = "done";
  if (!finished.report.failure.empty()) {
    exit_code = kExitFailed;
    finished.reason = "failed";
    Tell(finished.report.failure);
  } else if (signals.was_signalled().load()) {
    exit_code = kExitInterrupted;
    finished.reason = "interrupted";
  }
  PrintFinished(finished, plan);
  return exit_code;
}

}  // namespace joulespan
