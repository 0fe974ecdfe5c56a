// The runner on the ABI double of libedgetpu, which aborts on misuse, under a real TFLite.
#include <signal.h>

#include <sstream>

#include "edgetpu_double/double_output.h"
#include "support/double_run.h"
#include "support/temporary_folder.h"
#include "support/test_harness.h"
#include "tensors/input_samples.h"
#include "tensors/model_wiring.h"
#include "tflite/edgetpu_library.h"

namespace joulespan::test {
namespace {

// What a chain of the double's devices makes of sample `number`, output by output.
std::vector<std::string> ExpectedOutputs(const Json& plan, uint32_t number) {
  std::vector<ModelFile> files;
  for (const Json& segment : plan["models"][0]["segments"]) {
    files.push_back(ReadModelFile(segment["file"].get<std::string>()));
  }
  const ModelWiring wiring = WireSegments(std::move(files), "models[0]");
  const InputSamples samples(wiring.inputs, "random", plan["seed"].get<uint64_t>());
  std::vector<std::vector<std::string>> made;
  for (const SegmentWiring& segment : wiring.segments) {
    uint64_t hash = kDoubleSeed;
    for (const TensorSource& source : segment.inputs) {
      if (source.segment == kFromModelInput) {
        const std::vector<char>& sample = samples.Of(number, source.index);
        hash = MixInput(hash, sample.data(), sample.size());
      } else {
        const std::string& tensor = made[source.segment][source.index];
        hash = MixInput(hash, tensor.data(), tensor.size());
      }
    }
    made.emplace_back();
    for (size_t o = 0; o < segment.file.outputs.size(); ++o) {
      made.back().emplace_back();
      for (size_t at = 0; at < ByteSize(segment.file.outputs[o]); ++at) {
        made.back().back() += static_cast<char>(OutputByte(hash, o, at));
      }
    }
  }
  std::vector<std::string> outputs;
  for (const TensorSource& source : wiring.outputs) outputs.push_back(made[source.segment][source.index]);
  return outputs;
}

void CheckOutputs(Json plan, const std::string& setting, int inferences) {
  const TemporaryFolder folder;
  plan["models"][0]["outputs"] = folder / "outputs";
  const DoubleRun run(plan, setting);
  run.CheckDone(plan);
  for (int n = 0; n < inferences; ++n) {
    const std::vector<std::string> expected = ExpectedOutputs(plan, static_cast<uint32_t>(n));
    for (size_t i = 0; i < expected.size(); ++i) {
      CHECK(NpyData(OutputPath(folder / "outputs", n, static_cast<int>(i))) == expected[i]);
    }
  }
}

TEST(OneDevice) { CheckOutputs(EdgetpuPlan("conv", 2, {0, 0}, 1, 20), "devices=1", 20); }

TEST(TwoDevices) { CheckOutputs(EdgetpuPlan("heads", 2, {0, 1}, 2, 20), "devices=2", 20); }

TEST(ThreeOfEightDevicesAndATensorThatSkipsOne) {
  CheckOutputs(EdgetpuPlan("skip", 3, {7, 2, 5}, 8, 20), "devices=8", 20);
}

TEST(UsbDevices) { CheckOutputs(EdgetpuPlan("conv", 2, {0, 1}, 2, 5), "devices=2 usb", 5); }

TEST(CompiledSegmentsOfARealModel) {
  std::vector<std::string> files;
  for (const std::string& name : SegmentNames("mobilenet_v2_1.0_224_inat_bird_quant", 3, "_edgetpu")) {
    files.push_back(SharedModelOrSkip(name));
  }
  Json plan = FilePlanJson("edgetpu", files, 10);
  plan["tflite"] = TfliteOrSkip();
  plan["edgetpu"] = JOULESPAN_EDGETPU_DOUBLE;
  CheckOutputs(plan, "devices=3", 10);
}

TEST(EightReplicasOnEightDevices) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 8, 200);
  for (int replica = 1; replica < 4; ++replica) {
    Json task = plan["tasks"][0];
    task["name"] = "camera" + std::to_string(replica);
    task["devices"] = {2 * replica, 2 * replica + 1};
    plan["tasks"].push_back(task);
  }
  const DoubleRun run(plan, "devices=8 us=200");
  const RunCounts counts = run.CheckDone(plan);
  CHECK_EQ(counts.inferences, 800u);
  CHECK_EQ(counts.loads, 8u);
}

TEST(DevicesAreSortedOpenedOnceByPathAndClosedLast) {
  Json plan = EdgetpuPlan("skip", 3, {1, 0, 1}, 11, 5);
  plan["performance"] = "medium";
  const DoubleRun run(plan, "devices=12");
  run.CheckDone(plan);
  std::istringstream lines(run.calls);
  std::string first;
  std::getline(lines, first);
  CHECK_EQ(first, "list 12");
  // Unused devices are left alone; devices open at the same time.
  CHECK_EQ(run.SortedCallsOf("open "), "open /dev/apex_0 Medium\nopen /dev/apex_1 Medium\n");
  CHECK_EQ(run.SortedCallsOf("load "), "load /dev/apex_0\nload /dev/apex_1\nload /dev/apex_1\n");
  CHECK(run.calls.find("close") > run.calls.rfind("unload"));
  const Json dictionary = Json::parse(run.run.events.OfKind(JS_MESSAGE_DICTIONARY).front()->body());
  CHECK_EQ(dictionary["devices"][10]["path"].get<std::string>(), "/dev/apex_10");
  CHECK_EQ(dictionary["runner"]["performance"].get<std::string>(), "medium");
  CHECK_EQ(dictionary["runner"]["edgetpu"].get<std::string>(), "BuildLabel(joulespan-double), RuntimeVersion(14)");
}

TEST(TheFirstInvocationIsAWarmUp) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 3);
  plan["warmup_inferences"] = 1;
  const DoubleRun run(plan, "devices=2");
  const RunCounts counts = run.CheckDone(plan);
  CHECK_EQ(counts.warmups, 2u);
  plan["warmup_inferences"] = 0;
  CHECK_THROWS(PlanError, ParsePlan(plan.dump()), "warmup_inferences: expected an integer from 1");
}

TEST(AnInterruptedRunClosesWhatItOpened) {
  Json plan = EdgetpuPlan("conv", 2, {0, 1}, 2, 0);
  const DoubleSetting setting("devices=2 us=500");
  LiveRunner runner(plan);
  runner.AwaitEvents(200);
  runner.process()->Signal(SIGINT);
  CHECK_EQ(runner.Finish()["reason"].get<std::string>(), "interrupted");
  CHECK_EQ(runner.exit_code(), 130);
  CheckRun(ListEvents(runner.EventLogBytes()).Events(), ParsePlan(plan.dump()));
  CHECK(setting.Calls().find("close /dev/apex_1") != std::string::npos);
}

TEST(NumbersInPathsSortAsNumbers) {
  CHECK(IsEarlierByNumber("/dev/apex_2", "/dev/apex_10"));
  CHECK(!IsEarlierByNumber("/dev/apex_10", "/dev/apex_2"));
  CHECK(IsEarlierByNumber("/sys/bus/usb/devices/2-1.4", "/sys/bus/usb/devices/2-1.10"));
  CHECK(IsEarlierByNumber("/sys/bus/usb/devices/2-1", "/sys/bus/usb/devices/10-1"));
  CHECK(IsEarlierByNumber("a", "a1"));
  CHECK(!IsEarlierByNumber("a1", "a1"));
  CHECK(!IsEarlierByNumber("a01", "a1"));
}

}  // namespace
}  // namespace joulespan::test
