#include "emission_bench.h"

#include <algorithm>
#include <cstdio>
#include <vector>
#include <zmq.hpp>

#include "clock/monotonic_clock.h"
#include "emission/emission_lane.h"
#include "emission/lane_collector.h"
#include "sockets/publisher.h"
#include "subscriber_role.h"
#include "support/temporary_folder.h"

namespace joulespan::bench {
namespace {

using nlohmann::ordered_json;

constexpr int64_t kPeriodNs = 20'000;  // 50,000 events a second

// Exact percentiles of all events: 200,000 values are no burden here.
ordered_json Percentiles(std::vector<int64_t> values_ns) {
  std::sort(values_ns.begin(), values_ns.end());
  const auto at = [&](double quantile) { return values_ns[static_cast<size_t>(quantile * (values_ns.size() - 1))]; };
  return {{"p50", at(0.5)}, {"p99", at(0.99)}, {"p99_9", at(0.999)}, {"max", values_ns.back()}};
}

ordered_json MeasureClockRead() {
  std::vector<int64_t> costs_ns(100'000);
  for (int64_t& cost_ns : costs_ns) {
    const int64_t before_ns = NowNs();
    cost_ns = NowNs() - before_ns;
  }
  return Percentiles(std::move(costs_ns));
}

// `sleeps`: between events the thread sleeps, as one that waits for an accelerator does, and comes back to cold caches;
// else it spins.
std::vector<int64_t> MeasureEmission(EmissionLane* lane, uint32_t events, bool sleeps) {
  std::vector<int64_t> costs_ns(events);
  Event event;
  event.kind = JS_KIND_STAGE;
  event.edge = JS_EDGE_START;
  int64_t due_ns = NowNs();
  for (int64_t& cost_ns : costs_ns) {
    due_ns += kPeriodNs;
    if (sleeps) {
      SleepUntilNs(due_ns);
    } else {
      while (NowNs() < due_ns) {
      }
    }
    const int64_t before_ns = NowNs();
    lane->Emit(event);
    cost_ns = NowNs() - before_ns;
  }
  return costs_ns;
}

ordered_json MeasureBesidePublisher(uint32_t events, bool sleeps) {
  const test::TemporaryFolder folder;
  const std::string endpoint = "ipc://" + (folder / "events.ipc");
  zmq::context_t context;
  PublisherPorts ports;
  ports.events = zmq::socket_t(context, zmq::socket_type::xpub);
  ports.events.set(zmq::sockopt::linger, 0);
  ports.events.bind(endpoint);
  EventLog log(folder / "events.log");
  ports.log = &log;
  EmissionLane lane(NowNs(), false);
  Publisher publisher(
      1, "{}", std::move(ports), LaneCollector({&lane}),
      [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }, [] {});
  publisher.Start();
  SubscriberProcess subscriber(SubscriberRole::kReading, endpoint, "");
  UseFinestTimerSlack();
  const std::vector<int64_t> costs_ns = MeasureEmission(&lane, events, sleeps);
  publisher.Finish();
  ordered_json result = Percentiles(costs_ns);
  result["events"] = publisher.events();
  result["events_dropped"] = publisher.events_dropped();
  return result;
}

}  // namespace

ordered_json BenchEmission(uint32_t events) {
  return {{"what",
           "nanoseconds that EmissionLane::Emit takes, paced at 50,000 events/s by one thread, with the publisher, "
           "the event log and a reading subscriber live; one further clock read is included"},
          {"target", "spinning: p50 at most 100, p99 at most 1000"},
          {"clock_read_ns", MeasureClockRead()},
          {"spinning_between_ns", MeasureBesidePublisher(events, false)},
          {"sleeping_between_ns", MeasureBesidePublisher(events, true)}};
}

}  // namespace joulespan::bench
