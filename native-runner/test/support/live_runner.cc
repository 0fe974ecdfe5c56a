#include "live_runner.h"

#include <stdexcept>

#include "clock/monotonic_clock.h"

namespace joulespan::test {

LiveRunner::LiveRunner(const Json& plan, const std::vector<std::string>& more, bool tcp) {
  WriteFile(folder_ / "plan.json", plan.dump());
  const auto endpoint = [&](const std::string& name) {
    return tcp ? std::string("tcp://127.0.0.1:*") : "ipc://" + (folder_ / name);
  };
  std::vector<std::string> arguments = {JOULESPAN_RUNNER,       "--plan",      folder_ / "plan.json",    "--log",
                                        folder_ / "events.log", "--power-log", folder_ / "powers.log",   "--events",
                                        endpoint("events.ipc"), "--requests",  endpoint("requests.ipc"), "--powers",
                                        endpoint("powers.ipc")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_ = std::make_unique<ChildProcess>(arguments, folder_ / "stderr.txt");
  ready_ = NextLine();
  if (ready_.is_null()) return;
  events_endpoint_ = ready_["events"].get<std::string>();
  requests_endpoint_ = ready_["requests"].get<std::string>();
  powers_endpoint_ = ready_["powers"].get<std::string>();
}

Json LiveRunner::NextLine() {
  const std::optional<std::string> line = process_->ReadLine();
  return line ? Json::parse(*line) : Json();
}

void LiveRunner::AwaitEvents(size_t events) const {
  const int64_t deadline_ns = NowNs() + 30 * kNsPerS;
  while (ListEvents(EventLogBytes()).Events().size() < events) {
    if (NowNs() > deadline_ns) throw std::runtime_error("the runner emits too few events");
    SleepUntilNs(NowNs() + 10 * kNsPerMs);
  }
}

Json LiveRunner::Finish() {
  Json finished;
  for (Json line = NextLine(); !line.is_null(); line = NextLine()) {
    if (line["event"] == "finished") finished = line;
  }
  process_->Wait();
  return finished;
}

}  // namespace joulespan::test
