// Libraries, models and devices that are not what they should be: one line each, the documented exit code, and events
// that are closed.
#include <sstream>

#include "support/double_run.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

constexpr int kAborted = 128 + 6;

// Nothing has begun: one line, no event.
void CheckRefused(const Json& plan, const std::string& words, int exit_code, const std::string& line) {
  const DoubleRun double_run(plan, words);
  const FileRun& run = double_run.run;
  if (run.LastWords().find(line) == std::string::npos || run.exit_code != exit_code) {
    FailAt(__FILE__, __LINE__,
           "expected exit code " + std::to_string(exit_code) + " and \"" + line + "\", got " +
               std::to_string(run.exit_code) + " and " + run.err);
  }
  CHECK(run.finished.is_null());
}

// It began and could not go on: the stream ends, nothing is left open.
void CheckEnded(const Json& plan, const std::string& words, int exit_code, const std::string& line) {
  const DoubleRun double_run(plan, words);
  const FileRun& run = double_run.run;
  CHECK(!run.finished.is_null());
  CHECK_EQ(run.finished["reason"].get<std::string>(), "failed");
  if (run.LastWords().find(line) == std::string::npos || run.exit_code != exit_code) {
    FailAt(__FILE__, __LINE__,
           "expected exit code " + std::to_string(exit_code) + " and \"" + line + "\", got " +
               std::to_string(run.exit_code) + " and " + run.err);
  }
  CheckWholeStream(run.events);
  CHECK_EQ(int{run.events.messages.back().header.message}, JS_MESSAGE_END);
  std::map<uint32_t, int> open;
  for (const Event& event : run.events.Events()) {
    if (event.edge == JS_EDGE_START) ++open[event.span_id];
    if (event.edge == JS_EDGE_END) --open[event.span_id];
  }
  for (const auto& span : open) CHECK_EQ(span.second, 0);
}

// The library took the process with it: the line says where, and what was logged before stays readable.
void CheckCrashed(const Json& plan, const std::string& words, const std::string& line) {
  const DoubleRun double_run(plan, words);
  const FileRun& run = double_run.run;
  CHECK_EQ(run.exit_code, kAborted);
  if (run.LastWords().find(line) == std::string::npos)
    FailAt(__FILE__, __LINE__, "expected " + line + ", got " + run.err);
  CHECK_EQ(int{run.events.bad == BadReason::kNone}, 1);
}

TEST(ALibraryThatIsNotThere) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  plan["edgetpu"] = "/none/libedgetpu.so.1";
  CheckRefused(plan, "devices=2", 2, "--edgetpu: expected libedgetpu, got: /none/libedgetpu.so.1: cannot open");
  plan["tflite"] = "/none/libtensorflowlite_c.so";
  CheckRefused(plan, "devices=2", 2,
               "--tflite: expected TFLite's C library, got: /none/libtensorflowlite_c.so: cannot");
}

TEST(ALibraryThatIsAnother) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  plan["edgetpu"] = "libm.so.6";
  CheckRefused(plan, "devices=2", 2, "got libm.so.6 without the function edgetpu_list_devices");
  plan["tflite"] = "libm.so.6";
  CheckRefused(plan, "devices=2", 2, "got libm.so.6 without the function TfLiteVersion");
  plan["tflite"] = SmallModel("conv");
  CheckRefused(plan, "devices=2", 2, "--tflite: expected TFLite's C library, got:");
}

TEST(AnotherVersion) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  plan["edgetpu_version"] = "RuntimeVersion(13)";
  CheckRefused(plan, "devices=2", 2, "--edgetpu: expected libedgetpu \"RuntimeVersion(13)\", got BuildLabel(joulespan");
  plan["tflite_version"] = "2.5";
  CheckRefused(plan, "devices=2", 2, "--tflite: expected TFLite 2.5, got version 2.");
}

TEST(NoDeviceOrTooFew) {
  const Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  CheckRefused(plan, "devices=0", 3, "devices: expected 2 Edge TPUs, got none");
  CheckRefused(plan, "devices=1", 3, "devices: expected 2 Edge TPUs, got 1: /dev/apex_0");
}

TEST(ADeviceThatIsTaken) {
  CheckEnded(EdgetpuPlan("conv", 2, {0, 1}, 2, 3), "devices=2 taken=/dev/apex_1", 3,
             "tpu1: expected to open /dev/apex_1, got a refusal: taken by another process");
}

TEST(AModelThatTheDelegateRefuses) {
  CheckEnded(EdgetpuPlan("conv", 2, {0, 1}, 2, 3), "devices=2 refuse", 2,
             ": Internal: unsupported data type in custom op handler: 1");
}

TEST(ADeviceLostInMidRun) {
  CheckEnded(EdgetpuPlan("conv", 2, {0, 1}, 2, 0), "devices=2 us=300 lost=/dev/apex_1:200", 3,
             "tpu1: lost in mid-run, or broken: Deadline exceeded: no answer from /dev/apex_1");
}

TEST(ADeviceLostInWarmUp) {
  CheckEnded(EdgetpuPlan("conv", 2, {0, 1}, 2, 0), "devices=2 lost=/dev/apex_0:1", 3, "tpu0: lost in mid-run");
}

TEST(ADriverThatAborts) {
  const Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 0);
  CheckCrashed(plan, "devices=2 abort=list", "SIGABRT inside a library, while listing the Edge TPUs");
  CheckCrashed(plan, "devices=2 abort=create", "SIGABRT inside a library, while opening /dev/apex_");
  CheckCrashed(plan, "devices=2 abort=prepare", "SIGABRT inside a library, while loading ");
  CheckCrashed(plan, "devices=2 abort=invoke:1", "SIGABRT inside a library, while tpu0 invoked ");
}

TEST(ModelsThatAreNone) {
  const TemporaryFolder folder;
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  Json& file = plan["models"][0]["segments"][1]["file"];
  file = folder / "none.tflite";
  CheckRefused(plan, "devices=2", 2, "none.tflite: expected a readable model file, got: No such file");
  file = JOULESPAN_README;
  CheckRefused(plan, "devices=2", 2, "README.md: expected a TFLite model, got a file without the mark TFL3");
  const std::string whole = ReadFile(SmallModel("conv_segment_1_of_2_edgetpu"));
  WriteFile(folder / "cut.tflite", whole.substr(0, whole.size() / 2));
  file = folder / "cut.tflite";
  CheckRefused(plan, "devices=2", 2, "cut.tflite: expected a whole TFLite model, got an offset that leads out");
}

TEST(ModelsOfAnotherBackend) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  plan["models"][0]["segments"][1]["file"] = SmallModel("conv_segment_1_of_2");
  CheckRefused(plan, "devices=2", 2,
               "models[0].segments[1]: expected a model compiled for the Edge TPU (edgetpu_compiler), got ");
  plan = FilePlanJson("cpu", {SmallModel("conv_segment_0_of_2_edgetpu")}, 3);
  plan["tflite"] = TfliteOrSkip();
  CheckRefused(plan, "", 2, "models[0].segments[0]: expected a plain model with backend cpu, got one compiled");
}

TEST(SegmentsThatDoNotFit) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  std::swap(plan["models"][0]["segments"][0], plan["models"][0]["segments"][1]);
  CheckRefused(plan, "devices=2", 2, "models[0].segments[1] (");
  plan["models"][0]["segments"][0]["file"] = SmallModel("heads_segment_0_of_2_edgetpu");
  plan["models"][0]["segments"][1]["file"] = SmallModel("skip_segment_2_of_3_edgetpu");
  CheckRefused(plan, "devices=2", 2, "among the outputs of earlier segments and the model's inputs, got it nowhere");
}

TEST(InputsThatDoNotFit) {
  const TemporaryFolder folder;
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  plan["models"][0]["inputs"] = folder / "none";
  CheckRefused(plan, "devices=2", 2, "none: expected readable inputs, got: No such file");
  WriteFile(folder / "short", "12345");
  plan["models"][0]["inputs"] = folder / "short";
  CheckRefused(plan, "devices=2", 2, "short: expected a multiple of the 768 bytes of one inference's inputs, got 5");
}

TEST(DevicesAreListed) {
  const DoubleSetting setting("devices=11");
  const TemporaryFolder folder;
  ChildProcess runner(
      {JOULESPAN_RUNNER, "--list-devices", "--edgetpu", JOULESPAN_EDGETPU_DOUBLE, "--tflite", TfliteOrSkip()},
      folder / "stderr.txt");
  const Json line = Json::parse(runner.ReadAll());
  CHECK_EQ(runner.Wait(), 0);
  CHECK_EQ(line["devices"].size(), 11u);
  CHECK_EQ(line["devices"][2]["path"].get<std::string>(), "/dev/apex_2");
  CHECK_EQ(line["devices"][10]["path"].get<std::string>(), "/dev/apex_10");
  CHECK_EQ(line["edgetpu"].get<std::string>(), "BuildLabel(joulespan-double), RuntimeVersion(14)");
}

}  // namespace
}  // namespace joulespan::test
