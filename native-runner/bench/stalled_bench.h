// Whether a subscriber that does not read, or a stopped one, is felt by the threads that invoke.
#ifndef JOULESPAN_BENCH_STALLED_BENCH_H_
#define JOULESPAN_BENCH_STALLED_BENCH_H_

#include <nlohmann/json.hpp>

namespace joulespan::bench {

// `rounds` pairs of runs of `seconds` each, healthy and stalled in turn.
nlohmann::ordered_json BenchStalledSubscriber(double seconds, int rounds);

}  // namespace joulespan::bench

#endif  // JOULESPAN_BENCH_STALLED_BENCH_H_
