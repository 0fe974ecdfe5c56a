// An ABI double of libedgetpu: the same functions, a delegate that claims "edgetpu-custom-op" as the real one does, and
// no device. It checks what its user does and aborts on misuse.
//
// JOULESPAN_DOUBLE, words separated by spaces: devices=N (1), usb, taken=PATH, refuse (every model), lost=PATH:N (from
// its Nth inference on), abort=list|create|prepare|invoke:N (its Nth inference on any device), us=N (an inference lasts
// so long), load_us=N (a load).
// JOULESPAN_DOUBLE_LOG: a file that gets a line for every call.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "double_output.h"
#include "tflite_abi.h"

namespace joulespan::test {
namespace {

using abi::Context;
using abi::IntArray;
using abi::Node;
using abi::Registration;
using abi::Status;

[[noreturn]] void Misuse(const std::string& what) {
  fprintf(stderr, "edgetpu double: misuse: %s\n", what.c_str());
  abort();
}

void Log(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  const char* path = getenv("JOULESPAN_DOUBLE_LOG");
  if (path == nullptr) return;
  FILE* file = fopen(path, "a");
  fprintf(file, "%s\n", line.c_str());
  fclose(file);
}

std::string Setting(const std::string& name, const std::string& otherwise = "") {
  const char* all = getenv("JOULESPAN_DOUBLE");
  std::istringstream words(all == nullptr ? "" : all);
  for (std::string word; words >> word;) {
    if (word == name) return "yes";
    if (word.compare(0, name.size() + 1, name + "=") == 0) return word.substr(name.size() + 1);
  }
  return otherwise;
}

void AbortIf(const char* call) {
  if (Setting("abort") == call) abort();
}

struct OpenDevice {
  std::string path;
  abi::Delegate delegate = {};
  std::atomic<int> kernels{0};
  std::atomic<int> running{0};
  std::atomic<int> invocations{0};
};

struct Kernel {
  OpenDevice* device = nullptr;
};

struct State {
  std::mutex mutex;
  std::map<void*, std::unique_ptr<OpenDevice>> open;  // by delegate
  std::set<void*> lists;

  ~State() {
    if (!open.empty()) Misuse("the program ends with " + open.begin()->second->path + " still open");
    if (!lists.empty()) Misuse("the program ends with a device list not freed");
  }
};

State state;

struct ListedDevice {
  int type;
  const char* path;
};

struct Option {
  const char* name;
  const char* value;
};

// As the file system gives them: in no order.
std::vector<std::string> Paths() {
  const int count = atoi(Setting("devices", "1").c_str());
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) {
    const int number = (i * 5 + 3) % count;
    paths.push_back(Setting("usb").empty() ? "/dev/apex_" + std::to_string(number)
                                           : "/sys/bus/usb/devices/2-" + std::to_string(number + 1));
  }
  return paths;
}

void SleepUs(const std::string& setting) {
  const long us = atol(Setting(setting, "0").c_str());
  const timespec pause{us / 1'000'000, us % 1'000'000 * 1'000};
  if (us > 0) nanosleep(&pause, nullptr);
}

void* InitKernel(Context*, const char* buffer, size_t) {
  SleepUs("load_us");
  auto* parameters = reinterpret_cast<const abi::DelegateParameters*>(buffer);
  const std::lock_guard<std::mutex> lock(state.mutex);
  const auto found = state.open.find(parameters->delegate);
  if (found == state.open.end()) Misuse("a model is built with a delegate that was freed");
  ++found->second->kernels;
  Log("load " + found->second->path);
  return new Kernel{found->second.get()};
}

void FreeKernel(Context*, void* buffer) {
  std::unique_ptr<Kernel> kernel(static_cast<Kernel*>(buffer));
  const std::lock_guard<std::mutex> lock(state.mutex);
  for (const auto& open : state.open) {
    if (open.second.get() != kernel->device) continue;
    --open.second->kernels;
    Log("unload " + open.second->path);
    return;
  }
  Misuse("an interpreter is deleted after its delegate");
}

Status PrepareKernel(Context*, Node*) {
  AbortIf("prepare");
  return abi::kOk;
}

Status InvokeKernel(Context* context, Node* node) {
  OpenDevice* device = static_cast<Kernel*>(node->user_data)->device;
  if (device->running.fetch_add(1) != 0) Misuse("two threads run " + device->path + " at once");
  const int number = ++device->invocations;
  AbortIf(("invoke:" + std::to_string(number)).c_str());
  const std::string lost = Setting("lost");
  if (!lost.empty() && lost.substr(0, lost.rfind(':')) == device->path &&
      number >= atoi(lost.substr(lost.rfind(':') + 1).c_str())) {
    --device->running;
    context->ReportError(context, "Deadline exceeded: no answer from %s\n", device->path.c_str());
    return abi::kError;
  }
  uint64_t hash = kDoubleSeed;
  for (int i = 0; i < node->inputs->size; ++i) {
    const abi::Tensor& tensor = context->tensors[node->inputs->data[i]];
    hash = MixInput(hash, tensor.data, tensor.bytes);
  }
  SleepUs("us");
  for (int o = 0; o < node->outputs->size; ++o) {
    const abi::Tensor& tensor = context->tensors[node->outputs->data[o]];
    for (size_t at = 0; at < tensor.bytes; ++at) {
      static_cast<uint8_t*>(tensor.data)[at] = OutputByte(hash, static_cast<size_t>(o), at);
    }
  }
  --device->running;
  return abi::kOk;
}

// Claims the compiled operations and leaves all others.
Status ClaimNodes(Context* context, abi::Delegate* delegate) {
  if (!Setting("refuse").empty()) {
    context->ReportError(context, "Internal: unsupported data type in custom op handler: %d\n", 1);
    return abi::kDelegateError;
  }
  IntArray* plan = nullptr;
  if (context->GetExecutionPlan(context, &plan) != abi::kOk) return abi::kError;
  std::vector<int> claimed = {0};  // its size in front
  for (int i = 0; i < plan->size; ++i) {
    Node* node = nullptr;
    Registration* registration = nullptr;
    if (context->GetNodeAndRegistration(context, plan->data[i], &node, &registration) != abi::kOk) return abi::kError;
    if (registration->custom_name == nullptr || strcmp(registration->custom_name, "edgetpu-custom-op") != 0) continue;
    claimed.push_back(plan->data[i]);
  }
  claimed[0] = static_cast<int>(claimed.size()) - 1;
  if (claimed[0] == 0) return abi::kOk;
  Registration kernel = {};
  kernel.init = InitKernel;
  kernel.free = FreeKernel;
  kernel.prepare = PrepareKernel;
  kernel.invoke = InvokeKernel;
  kernel.custom_name = "edgetpu-custom-op";
  kernel.version = 1;
  return context->ReplaceNodeSubsetsWithDelegateKernels(context, kernel, reinterpret_cast<IntArray*>(claimed.data()),
                                                        delegate);
}

void CheckOptions(const Option* options, size_t count) {
  if (options == nullptr && count > 0) Misuse("options announced and none given");
  for (size_t i = 0; i < count; ++i) {
    const std::string name = options[i].name, value = options[i].value;
    if (name == "Performance" && (value == "Low" || value == "Medium" || value == "High" || value == "Max")) continue;
    Misuse("option " + name + "=" + value);
  }
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) const char* edgetpu_version() {
  return "BuildLabel(joulespan-double), RuntimeVersion(14)";
}

__attribute__((visibility("default"))) ListedDevice* edgetpu_list_devices(size_t* count) {
  AbortIf("list");
  const std::vector<std::string> paths = Paths();
  *count = paths.size();
  Log("list " + std::to_string(paths.size()));
  if (paths.empty()) return nullptr;
  // One allocation, paths included.
  size_t bytes = paths.size() * sizeof(ListedDevice);
  for (const std::string& path : paths) bytes += path.size() + 1;
  auto* devices = static_cast<ListedDevice*>(malloc(bytes));
  char* text = reinterpret_cast<char*>(devices + paths.size());
  for (size_t i = 0; i < paths.size(); ++i) {
    devices[i] = {Setting("usb").empty() ? 0 : 1, text};
    memcpy(text, paths[i].c_str(), paths[i].size() + 1);
    text += paths[i].size() + 1;
  }
  const std::lock_guard<std::mutex> lock(state.mutex);
  state.lists.insert(devices);
  return devices;
}

__attribute__((visibility("default"))) void edgetpu_free_devices(ListedDevice* devices) {
  const std::lock_guard<std::mutex> lock(state.mutex);
  if (state.lists.erase(devices) == 0) Misuse("a device list is freed that was not given out, or twice");
  free(devices);
}

__attribute__((visibility("default"))) void* edgetpu_create_delegate(int type, const char* name, const Option* options,
                                                                     size_t count) {
  AbortIf("create");
  if (name == nullptr) Misuse("a delegate is asked for without a path");
  CheckOptions(options, count);
  Log(std::string("open ") + name + " " + (count > 0 ? options[0].value : ""));
  if (type != (Setting("usb").empty() ? 0 : 1)) Misuse(std::string("the wrong type for ") + name);
  bool is_listed = false;
  for (const std::string& path : Paths()) is_listed = is_listed || path == name;
  if (!is_listed) Misuse(std::string("a delegate is asked for ") + name + ", which was never listed");
  if (Setting("taken") == name) return nullptr;
  const std::lock_guard<std::mutex> lock(state.mutex);
  for (const auto& open : state.open) {
    if (open.second->path == name) Misuse(std::string("a second delegate on ") + name);
  }
  auto device = std::make_unique<OpenDevice>();
  device->path = name;
  device->delegate.Prepare = ClaimNodes;
  // Else TFLite prepares the graph first and finds an operation that it cannot resolve.
  device->delegate.flags = abi::kAllowDynamicTensors;
  void* delegate = &device->delegate;
  state.open[delegate] = std::move(device);
  return delegate;
}

__attribute__((visibility("default"))) void edgetpu_free_delegate(void* delegate) {
  const std::lock_guard<std::mutex> lock(state.mutex);
  const auto found = state.open.find(delegate);
  if (found == state.open.end()) Misuse("a delegate is freed that was not given out, or twice");
  if (found->second->kernels.load() > 0) Misuse("a delegate is freed before the interpreters that use it");
  Log("close " + found->second->path);
  state.open.erase(found);
}
}

}  // namespace joulespan::test
