// The runner on a real TFLite: backend cpu.
#include <algorithm>
#include <filesystem>
#include <map>

#include "support/file_run.h"
#include "support/temporary_folder.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

Json CpuPlan(const std::vector<std::string>& files, int inferences) {
  Json plan = FilePlanJson("cpu", files, inferences);
  plan["tflite"] = TfliteOrSkip();
  return plan;
}

std::vector<std::string> SmallModels(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) files.push_back(SmallModel(name));
  return files;
}

// Runs whole and segmented model on the same inputs; `order`: which output of the segments is which of the whole.
void CheckSameOutputs(const std::string& whole, const std::vector<std::string>& segments, int inferences,
                      const std::vector<int>& order) {
  const TemporaryFolder folder;
  Json plan = CpuPlan({whole}, inferences);
  plan["models"][0]["outputs"] = folder / "whole";
  FileRun(plan).CheckDone(plan);
  plan = CpuPlan(segments, inferences);
  plan["models"][0]["outputs"] = folder / "segments";
  const RunCounts counts = FileRun(plan).CheckDone(plan);
  CHECK_EQ(counts.inferences, static_cast<size_t>(inferences));
  CHECK_EQ(counts.stages, static_cast<size_t>(inferences) * segments.size());
  CHECK_EQ(counts.warmups, 3 * segments.size());
  std::map<std::string, int> distinct;
  for (int n = 0; n < inferences; ++n) {
    for (size_t i = 0; i < order.size(); ++i) {
      const std::string expected = ReadFile(OutputPath(folder / "whole", n, static_cast<int>(i)));
      CHECK(ReadFile(OutputPath(folder / "segments", n, order[i])) == expected);
      if (i == 0) ++distinct[expected];
    }
  }
  CHECK(distinct.size() > 1);  // the inputs differ, so the comparison can fail
}

TEST(AWholeModelAndItsThreeSegmentsGiveTheSameBytes) {
  const std::string name = "mobilenet_v2_1.0_224_inat_bird_quant";
  std::vector<std::string> segments;
  for (const std::string& segment : SegmentNames(name, 3)) segments.push_back(SharedModelOrSkip(segment));
  CheckSameOutputs(SharedModelOrSkip(name), segments, 12, {0});
}

TEST(AChain) { CheckSameOutputs(SmallModel("conv"), SmallModels(SegmentNames("conv", 2)), 20, {0}); }

TEST(ATensorThatSkipsASegment) { CheckSameOutputs(SmallModel("skip"), SmallModels(SegmentNames("skip", 3)), 20, {0}); }

TEST(TwoTensorsAcrossACutAndAnOutputThatIsReadyEarly) {
  CheckSameOutputs(SmallModel("heads"), SmallModels(SegmentNames("heads", 2)), 20, {1, 0});
}

TEST(SegmentsMayShareADevice) {
  Json plan = CpuPlan(SmallModels(SegmentNames("skip", 3)), 20);
  plan["devices"].erase(2);
  plan["tasks"][0]["devices"] = {0, 1, 0};
  const RunCounts counts = FileRun(plan).CheckDone(plan);
  CHECK_EQ(counts.stages, 60u);
  CHECK_EQ(counts.loads, 3u);
}

TEST(TwoTasksAtOnceKeepTheirTensorsApart) {
  const TemporaryFolder folder;
  Json plan = CpuPlan(SmallModels(SegmentNames("skip", 3)), 400);
  plan["models"][0]["outputs"] = folder / "outputs";
  plan["models"][0]["outputs_max"] = 800;
  plan["tasks"].push_back(plan["tasks"][0]);
  plan["tasks"][1]["name"] = "second";
  plan["tasks"][1]["devices"] = {2, 0, 1};
  FileRun(plan).CheckDone(plan);
  // Inference n has sample n modulo 8, whatever its task.
  for (int n = 8; n < 800; ++n) {
    CHECK(ReadFile(OutputPath(folder / "outputs", n, 0)) == ReadFile(OutputPath(folder / "outputs", n % 8, 0)));
  }
}

TEST(InputsFromARawFileAndFromAFolder) {
  const TemporaryFolder folder;
  constexpr size_t kSampleBytes = 16 * 16 * 3;
  std::string raw;
  for (size_t i = 0; i < 3 * kSampleBytes; ++i) raw += static_cast<char>(i * 31 % 251);
  WriteFile(folder / "raw.bin", raw);
  std::filesystem::create_directory(folder / "npy");
  for (size_t n = 0; n < 3; ++n) {
    // As numpy.save writes an array without the batch dimension.
    std::string header = "{'descr': '|i1', 'fortran_order': False, 'shape': (16, 16, 3), }";
    header.append(118 - 1 - header.size(), ' ');
    header += '\n';
    const std::string magic("\x93NUMPY\x01\x00\x76\x00", 10);
    WriteFile(folder / ("npy/" + std::to_string(n) + ".npy"),
              magic + header + raw.substr(n * kSampleBytes, kSampleBytes));
  }
  for (const char* kind : {"raw.bin", "npy"}) {
    Json plan = CpuPlan({SmallModel("conv")}, 6);
    plan["models"][0]["inputs"] = folder / kind;
    plan["models"][0]["outputs"] = folder / (std::string("from-") + kind);
    plan["models"][0]["outputs_max"] = 4;
    FileRun(plan).CheckDone(plan);
  }
  std::map<std::string, int> distinct;
  for (int n = 0; n < 4; ++n) {
    const std::string from_raw = ReadFile(OutputPath(folder / "from-raw.bin", n, 0));
    CHECK(from_raw == ReadFile(OutputPath(folder / "from-npy", n, 0)));
    ++distinct[from_raw];
  }
  CHECK_EQ(distinct.size(), 3u);  // three samples in turn
  CHECK(!std::filesystem::exists(OutputPath(folder / "from-npy", 4, 0)));
}

TEST(PowersOfTheSpecLastAsLongAsTheirSpans) {
  Json plan = CpuPlan(SmallModels(SegmentNames("conv", 2)), 300);
  for (Json& device : plan["devices"]) {
    device["idle_w"] = {{"never_used", 0.4}, {"context_open", 0.5}, {"resident", 0.6}};
  }
  for (Json& segment : plan["models"][0]["segments"]) {
    segment["active_w"] = 1.25;
    segment["load_w"] = 0.8;
  }
  const FileRun run(plan);
  run.CheckDone(plan);
  CheckPowerWatermarks(run.powers);
  std::map<uint32_t, int64_t> told_ns;
  for (const PowerRecord& record : run.powers.Powers()) {
    if (record.type != JS_POWER_PHASE) continue;
    told_ns[record.span_id] += record.duration_ns;
    const double watts = record.kind == JS_KIND_LOAD ? 0.8 : record.kind == JS_KIND_UNLOAD ? 0.2 : 1.25;
    CHECK_EQ(record.watts_start, static_cast<float>(watts));
    CHECK_EQ(record.watts_end, record.watts_start);
  }
  std::map<uint32_t, int64_t> start_ns;
  size_t spans = 0;
  for (const Event& event : run.events.Events()) {
    if (event.kind == JS_KIND_INFERENCE || event.kind == JS_KIND_STATE) continue;
    if (event.edge == JS_EDGE_START) start_ns[event.span_id] = event.t_ns;
    if (event.edge != JS_EDGE_END) continue;
    ++spans;
    CHECK_EQ(told_ns[event.span_id], event.t_ns - start_ns[event.span_id]);
  }
  CHECK_EQ(spans, 600u + 6u + 2u + 2u);
}

TEST(AHundredThousandInferencesLoseNothing) {
  const Json plan = CpuPlan(SmallModels(SegmentNames("conv", 2)), 100'000);
  const FileRun run(plan);
  const RunCounts counts = run.CheckDone(plan);
  CHECK_EQ(counts.inferences, 100'000u);
  CHECK_EQ(counts.stages, 200'000u);
  CHECK_EQ(run.finished["events_dropped"].get<int>(), 0);
}

TEST(TheDictionarySaysWhatRan) {
  Json plan = CpuPlan({SmallModel("conv")}, 1);
  plan["threads"] = 2;
  const FileRun run(plan, {"--num_threads", "1"});
  run.CheckDone(plan);
  const Json dictionary = Json::parse(run.events.OfKind(JS_MESSAGE_DICTIONARY).front()->body());
  CHECK_EQ(dictionary["runner"]["backend"].get<std::string>(), "cpu");
  CHECK_EQ(dictionary["runner"]["tflite"].get<std::string>().substr(0, 2), "2.");
  CHECK_EQ(dictionary["runner"]["threads"].get<int>(), 1);
}

}  // namespace
}  // namespace joulespan::test
