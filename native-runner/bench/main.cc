// joulespan-runner-bench: prints one JSON document.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>

#include "emission_bench.h"
#include "queue_bench.h"
#include "stalled_bench.h"
#include "subscriber_role.h"

int main(int argc, char** argv) {
  using namespace joulespan::bench;
  if (argc > 1 && std::strcmp(argv[1], kSubscriberFlag) == 0) return RunSubscriber(argc, argv);
  long events = 200'000;
  double seconds = 20;
  long rounds = 4;
  bool wants_queues_only = false;
  if (argc > 1 && std::strcmp(argv[argc - 1], "--queues") == 0) {
    wants_queues_only = true;
    --argc;
  }
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    const double value = i + 1 < argc ? std::atof(argv[i + 1]) : 0;
    if (name == "--events" && value >= 1) {
      events = static_cast<long>(value);
    } else if (name == "--seconds" && value >= 1) {
      seconds = value;
    } else if (name == "--rounds" && value >= 1) {
      rounds = static_cast<long>(value);
    } else {
      std::fprintf(stderr, "usage: joulespan-runner-bench [--events 200000] [--seconds 20] [--rounds 4] [--queues]\n");
      return 2;
    }
  }
  try {
    nlohmann::ordered_json document = {{"bench", "joulespan-runner"}, {"version", 1}};
    document["queues"] = BenchQueues(static_cast<int>(rounds));
    if (wants_queues_only) {
      std::cout << document.dump(2) << std::endl;
      return 0;
    }
    document["emission"] = BenchEmission(static_cast<uint32_t>(events));
    document["stalled_subscriber"] = BenchStalledSubscriber(seconds, static_cast<int>(rounds));
    std::cout << document.dump(2) << std::endl;
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "joulespan-runner-bench: %s\n", error.what());
    return 1;
  }
}
