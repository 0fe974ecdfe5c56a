// joulespan-runner: see HelpText in options.cc and native-runner/README.md.
#include <signal.h>

#include <cstdio>
#include <exception>

#include "backend/backend_error.h"
#include "library/driver_guard.h"
#include "marker/gpio_line.h"
#include "plan/parse_plan.h"
#include "runner/exit_code.h"
#include "runner/list_devices.h"
#include "runner/options.h"
#include "runner/run_lines.h"
#include "runner/run_live.h"
#include "runner/run_simulated.h"
#include "runner/signal_watcher.h"
#include "sockets/endpoint.h"
#include "stream/append_file.h"

namespace joulespan {
namespace {

int Main(int argc, char** argv) {
  try {
    const Options options = ParseOptions(argc, argv);
    if (options.wants_help) {
      std::fputs(HelpText().c_str(), stdout);
      return kExitOk;
    }
    InstallDriverGuard();
    if (options.lists_devices) return ListDevices(options);
    Plan plan = ReadPlanFile(options.plan_path);
    ApplyOptions(options, &plan);
    SignalWatcher signals;
    return options.is_simulated ? RunSimulated(options, plan, signals) : RunLive(options, plan, &signals);
  } catch (const UsageError& error) {
    Tell(std::string(error.what()) + " (see --help)");
    return kExitUsage;
  } catch (const PlanError& error) {
    Tell(error.what());
    return kExitUsage;
  } catch (const FileError& error) {
    Tell(error.what());
    return kExitUsage;
  } catch (const GpioError& error) {
    Tell(error.what());
    return error.is_permission ? kExitPermission : kExitBusy;
  } catch (const EndpointError& error) {
    Tell(error.what());
    return kExitUsage;
  } catch (const BackendError& error) {
    Tell(error.what());
    return ExitCodeOf(error.fault());
  } catch (const EndpointBusyError& error) {
    Tell(error.what());
    return kExitBusy;
  } catch (const std::exception& error) {
    Tell(std::string("internal error: ") + error.what());
    return kExitFailed;
  }
}

}  // namespace
}  // namespace joulespan

int main(int argc, char** argv) {
  // A reader of stdout that goes away does not end a run whose record goes to the log.
  signal(SIGPIPE, SIG_IGN);
  return joulespan::Main(argc, argv);
}
