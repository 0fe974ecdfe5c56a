#include "runner/run_lines.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace joulespan {
namespace {

using nlohmann::ordered_json;

void Print(const ordered_json& line);
ordered_json EndpointOrNull(const std::string& endpoint);
ordered_json Percentiles(const LatencyHistogram& histogram);

}  // namespace

std::string SourceIdText(uint64_t source_id) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(source_id));
  return text;
}

void PrintReady(const ReadyLine& line) {
  Print({{"event", "ready"},
         {"source_id", SourceIdText(line.source_id)},
         {"events", EndpointOrNull(line.events_endpoint)},
         {"requests", EndpointOrNull(line.requests_endpoint)},
         {"powers", EndpointOrNull(line.powers_endpoint)},
         {"pid", getpid()}});
}

void PrintStarted() { Print({{"event", "started"}}); }

void PrintFinished(const FinishedLine& line, const Plan& plan) {
  TaskCounts total;
  ordered_json tasks = ordered_json::array();
  for (size_t i = 0; i < line.report.tasks.size(); ++i) {
    const TaskCounts& counts = line.report.tasks[i];
    total.completed += counts.completed;
    total.failed += counts.failed;
    total.dropped += counts.dropped;
    tasks.push_back({{"name", plan.tasks[i].name},
                     {"inferences", counts.completed},
                     {"failed", counts.failed},
                     {"dropped", counts.dropped}});
  }
  Print({{"event", "finished"},
         {"reason", line.reason},
         {"inferences", total.completed},
         {"failed", total.failed},
         {"dropped", total.dropped},
         {"events", line.events},
         {"events_dropped", line.events_dropped},
         {"powers_dropped", line.powers_dropped},
         {"duration_ns", line.duration_ns},
         {"emission_ns", Percentiles(line.report.emission)},
         {"start_lateness_ns", Percentiles(line.report.start_lateness)},
         {"tasks", tasks}});
}

void Tell(const std::string& line) {
  const std::string text = "joulespan-runner: " + line + "\n";
  std::fputs(text.c_str(), stderr);
}

namespace {

void Print(const ordered_json& line) {
  const std::string text = line.dump() + "\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

ordered_json EndpointOrNull(const std::string& endpoint) {
  return endpoint.empty() ? ordered_json(nullptr) : ordered_json(endpoint);
}

// null: nothing was measured.
ordered_json Percentiles(const LatencyHistogram& histogram) {
  if (histogram.count() == 0) return nullptr;
  return {{"samples", histogram.count()},
          {"p50", histogram.QuantileNs(0.5)},
          {"p99", histogram.QuantileNs(0.99)},
          {"p99_9", histogram.QuantileNs(0.999)},
          {"max", histogram.max_ns()}};
}

}  // namespace
}  // namespace joulespan
