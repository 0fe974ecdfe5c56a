#include "tflite/model_file.h"

#include "backend/backend_error.h"
#include "support/model_files.h"
#include "support/temporary_folder.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

TEST(InputsAndOutputsAreRead) {
  const ModelFile heads = ReadModelFile(SmallModel("heads_segment_0_of_2"));
  CHECK_EQ(heads.inputs.size(), 1u);
  CHECK_EQ(ShapeText(heads.inputs[0]), "int8 1x16x16x3");
  CHECK_EQ(heads.outputs.size(), 3u);
  CHECK_EQ(ShapeText(heads.outputs[0]), "int8 1x8x8x8");
  CHECK_EQ(ByteSize(heads.outputs[1]), 256u);
  CHECK(!heads.is_for_edgetpu);
  CHECK(ReadModelFile(SmallModel("heads_segment_0_of_2_edgetpu")).is_for_edgetpu);
}

TEST(RealModels) {
  const std::string name = "mobilenet_v2_1.0_224_inat_bird_quant";
  const ModelFile whole = ReadModelFile(SharedModelOrSkip(name));
  CHECK_EQ(ShapeText(whole.inputs[0]), "uint8 1x224x224x3");
  CHECK_EQ(whole.outputs[0].name, "prediction");
  CHECK(!whole.is_for_edgetpu);
  CHECK(ReadModelFile(SharedModelOrSkip(name + "_segment_1_of_3_edgetpu")).is_for_edgetpu);
}

TEST(AFileThatIsNoModelIsNamed) {
  CHECK_THROWS(BackendError, ReadModelFile("/none/x.tflite"), "/none/x.tflite: expected a readable model file");
  CHECK_THROWS(BackendError, ParseModelFile("", "a"), "a: expected a TFLite model, got a file without the mark TFL3");
  CHECK_THROWS(BackendError,
               ParseModelFile("\x7f"
                              "ELF and so on",
                              "a"),
               "without the mark TFL3");
}

// TFLite itself would read behind the end.
TEST(EveryTruncationIsRefused) {
  const std::string whole = ReadFile(SmallModel("skip"));
  CHECK_EQ(ParseModelFile(whole, "a").inputs.size(), 1u);
  for (size_t bytes = 0; bytes < whole.size() - 8; ++bytes) {
    CHECK_THROWS(BackendError, ParseModelFile(whole.substr(0, bytes), "a"), "a: expected a");
  }
}

// Never a crash: under the sanitizers this is a bounds test.
TEST(AFlippedByteIsReadOrRefused) {
  const std::string whole = ReadFile(SmallModel("conv"));
  size_t refused = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        ParseModelFile(damaged, "a");
      } catch (const BackendError&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 100);
}

}  // namespace
}  // namespace joulespan::test
