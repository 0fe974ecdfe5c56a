// What the runner prints: JSON lines on stdout, lines for people on stderr.
#ifndef JOULESPAN_RUNNER_RUN_LINES_H_
#define JOULESPAN_RUNNER_RUN_LINES_H_

#include <cstdint>
#include <string>

#include "plan/plan.h"
#include "session/session_report.h"

namespace joulespan {

// 16 hexadecimal digits, as the host writes a source.
std::string SourceIdText(uint64_t source_id);

struct ReadyLine {
  uint64_t source_id = 0;
  std::string events_endpoint;  // as bound; empty: no socket
  std::string requests_endpoint;
  std::string powers_endpoint;
};

struct FinishedLine {
  std::string reason;  // done, stopped, interrupted or failed
  uint64_t events = 0;
  uint64_t events_dropped = 0;
  uint64_t powers_dropped = 0;
  int64_t duration_ns = 0;  // of real time
  SessionReport report;
};

void PrintReady(const ReadyLine& line);
void PrintStarted();
void PrintFinished(const FinishedLine& line, const Plan& plan);

// To stderr. Any thread.
void Tell(const std::string& line);

}  // namespace joulespan

#endif  // JOULESPAN_RUNNER_RUN_LINES_H_
