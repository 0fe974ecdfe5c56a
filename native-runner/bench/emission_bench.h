// What emitting one event costs the thread that invokes, while the publisher is at work.
#ifndef JOULESPAN_BENCH_EMISSION_BENCH_H_
#define JOULESPAN_BENCH_EMISSION_BENCH_H_

#include <cstdint>
#include <nlohmann/json.hpp>

namespace joulespan::bench {

nlohmann::ordered_json BenchEmission(uint32_t events);

}  // namespace joulespan::bench

#endif  // JOULESPAN_BENCH_EMISSION_BENCH_H_
