#include "runner/run_live.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>

#include "backend/backend.h"
#include "clock/monotonic_clock.h"
#include "runner/exit_code.h"
#include "runner/run_lines.h"
#include "runner/subscriber_roster.h"
#include "session/live_session.h"
#include "sockets/endpoint.h"
#include "sockets/publisher.h"
#include "sockets/request_server.h"
#include "stream/dictionary.h"

namespace joulespan {
namespace {

// Ten seconds of ticks for a subscriber that does not read; more is dropped and filled in on request.
constexpr int kSendHighWaterMark = 10'000;
// How long a closing socket tries to deliver what it still holds.
constexpr int kSocketLingerMs = 1'000;

zmq::socket_t BindPublisher(zmq::context_t* context, const std::string& endpoint, std::string* bound);
zmq::socket_t BindRouter(zmq::context_t* context, const std::string& endpoint, std::string* bound);
void TellIdentity(const BackendIdentity& identity, const Plan& plan);
uint64_t RandomSourceId();
std::string HostName();
std::string BootId();
void AnswerUntilQuiet(const RequestServer& server, double linger_s, const std::atomic<bool>& was_signalled);

}  // namespace

int RunLive(const Options& options, const Plan& plan, SignalWatcher* signals) {
  // Before anything is bound or written: a plan that cannot be run leaves nothing behind.
  Backend backend = MakeBackend(plan);
  TellIdentity(backend.identity, plan);
  zmq::context_t context;
  ReadyLine ready;
  PublisherPorts ports;
  ports.events = BindPublisher(&context, options.events_endpoint, &ready.events_endpoint);
  zmq::socket_t router = BindRouter(&context, options.requests_endpoint, &ready.requests_endpoint);
  if (!options.powers_endpoint.empty()) {
    ports.powers = BindPublisher(&context, options.powers_endpoint, &ready.powers_endpoint);
  }
  EventLog log(options.log_path);
  ports.log = &log;
  std::unique_ptr<AppendFile> power_log;
  if (!options.power_log_path.empty()) power_log = std::make_unique<AppendFile>(options.power_log_path);
  ports.power_log = power_log.get();

  const bool wants_powers = ports.powers || ports.power_log != nullptr;
  LiveSession session(plan, std::move(backend.devices), wants_powers);
  SubscriberRoster roster(options.subscribers, Tell);
  std::atomic<bool> is_stopped{false};
  std::atomic<bool> has_log_failed{false};
  ready.source_id = RandomSourceId();
  Publisher publisher(ready.source_id, DictionaryJson(plan, RunnerIdentity{HostName(), getpid(), backend.identity, BootId()}),
                      std::move(ports), LaneCollector(session.lanes()), Tell, [&] {
                        has_log_failed.store(true);
                        roster.GiveUpWaiting();
                        session.Interrupt();
                      },
                      options.told);
  publisher.Start();
  RequestServer server(
      std::move(router), log, options.told, [&](const std::string& name) { roster.Add(name); },
      [&] {
        is_stopped.store(true);
        roster.GiveUpWaiting();
        session.Stop();
      });
  signals->OnSignal([&] {
    Tell("interrupted: no new inference; what is in flight is finished");
    roster.GiveUpWaiting();
    session.Interrupt();
  });

  PrintReady(ready);
  const int64_t began_ns = NowNs();
  const bool have_all_come = roster.Await(options.subscriber_timeout_s);
  if (have_all_come && !signals->was_signalled().load()) {
    PrintStarted();
    session.Run();
  }
  publisher.Finish();

  FinishedLine finished;
  finished.events = publisher.events();
  finished.events_dropped = publisher.events_dropped();
  finished.powers_dropped = publisher.powers_dropped();
  finished.duration_ns = NowNs() - began_ns;
  finished.report = session.Report();
  int exit_code = kExitOk;
  finished.reason = is_stopped.load() ? "stopped" : "done";
  if (!have_all_come) {
    exit_code = kExitNoSubscribers;
    finished.reason = "failed";
    Tell(roster.Status() + " after " + std::to_string(static_cast<int>(options.subscriber_timeout_s)) +
         " s: start the others or give --subscriber-timeout-s more");
  } else if (!finished.report.failure.empty() || has_log_failed.load() || finished.events_dropped > 0 ||
             finished.powers_dropped > 0) {
    exit_code = finished.report.fault ? ExitCodeOf(*finished.report.fault) : kExitFailed;
    finished.reason = "failed";
    if (!finished.report.failure.empty()) Tell(finished.report.failure);
    if (finished.events_dropped + finished.powers_dropped > 0) {
      Tell(std::to_string(finished.events_dropped) + " events and " + std::to_string(finished.powers_dropped) +
           " powers were lost before they were published: the record of this run is not whole");
    }
  } else if (signals->was_signalled().load()) {
    exit_code = kExitInterrupted;
    finished.reason = "interrupted";
  }
  PrintFinished(finished, plan);
  if (have_all_come) AnswerUntilQuiet(server, options.linger_s, signals->was_signalled());
  signals->OnSignal(nullptr);
  return exit_code;
}

namespace {

// XPUB, to learn of subscriptions: on the wire it is a PUB.
zmq::socket_t BindPublisher(zmq::context_t* context, const std::string& endpoint, std::string* bound) {
  zmq::socket_t socket(*context, zmq::socket_type::xpub);
  socket.set(zmq::sockopt::xpub_verbose, 1);
  socket.set(zmq::sockopt::sndhwm, kSendHighWaterMark);
  socket.set(zmq::sockopt::linger, kSocketLingerMs);
  *bound = BindEndpoint(&socket, endpoint);
  return socket;
}

zmq::socket_t BindRouter(zmq::context_t* context, const std::string& endpoint, std::string* bound) {
  zmq::socket_t socket(*context, zmq::socket_type::router);
  socket.set(zmq::sockopt::linger, kSocketLingerMs);
  *bound = BindEndpoint(&socket, endpoint);
  return socket;
}

void TellIdentity(const BackendIdentity& identity, const Plan& plan) {
  if (identity.tflite_version.empty()) return;
  std::string line = "TFLite " + identity.tflite_version;
  if (identity.threads > 0) line += ", " + std::to_string(identity.threads) + " threads";
  if (!identity.edgetpu_version.empty()) line += ", libedgetpu " + identity.edgetpu_version;
  if (!identity.performance.empty()) line += ", performance " + identity.performance;
  for (size_t i = 0; i < identity.device_paths.size(); ++i) {
    line += ", " + plan.devices[i].name + " = " + identity.device_paths[i];
  }
  Tell(line);
}

uint64_t RandomSourceId() {
  uint64_t source_id = 0;
  while (getrandom(&source_id, sizeof(source_id), 0) != sizeof(source_id)) {
  }
  return source_id;
}

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

// Machines with the same one share their CLOCK_MONOTONIC.
std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string boot_id;
  std::getline(file, boot_id);
  return boot_id;
}

// Who lost the last messages asks for them when the run is already over.
void AnswerUntilQuiet(const RequestServer& server, double linger_s, const std::atomic<bool>& was_signalled) {
  const int64_t linger_ns = static_cast<int64_t>(linger_s * kNsPerS);
  const int64_t ended_ns = NowNs();
  const bool was_signalled_before = was_signalled.load();
  while (was_signalled.load() == was_signalled_before &&
         NowNs() < std::max(ended_ns, server.last_request_ns()) + linger_ns) {
    SleepUntilNs(NowNs() + 5 * kNsPerMs);
  }
}

}  // namespace
}  // namespace joulespan
