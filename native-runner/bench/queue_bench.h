#ifndef JOULESPAN_BENCH_QUEUE_BENCH_H_
#define JOULESPAN_BENCH_QUEUE_BENCH_H_

#include <nlohmann/json.hpp>

namespace joulespan::bench {

// What the runner itself costs between the stages of a pipeline whose devices do nothing.
nlohmann::ordered_json BenchQueues(int rounds);

}  // namespace joulespan::bench

#endif  // JOULESPAN_BENCH_QUEUE_BENCH_H_
