#include "tensors/model_wiring.h"

#include "backend/backend_error.h"
#include "support/test_harness.h"

namespace joulespan::test {
namespace {

TensorSpec Tensor(const std::string& name, int32_t width = 4, ElementType type = ElementType::kInt8) {
  return {name, type, {1, width}};
}

ModelFile File(std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs) {
  return {"x.tflite", std::move(inputs), std::move(outputs), false};
}

std::string Outputs(const ModelWiring& wiring) {
  std::string names;
  for (const TensorSource& source : wiring.outputs) names += wiring.SpecOf(source).name + " ";
  return names;
}

TEST(TensorsAreFoundByName) {
  const ModelWiring wiring =
      WireSegments({File({Tensor("x")}, {Tensor("a"), Tensor("b")}), File({Tensor("b")}, {Tensor("c")}),
                    File({Tensor("c"), Tensor("a"), Tensor("x")}, {Tensor("y")})},
                   "models[0]");
  CHECK_EQ(wiring.segments[1].inputs[0].segment, 0);
  CHECK_EQ(wiring.segments[1].inputs[0].index, 1u);
  CHECK_EQ(wiring.segments[2].inputs[0].segment, 1);
  CHECK_EQ(wiring.segments[2].inputs[1].segment, 0);
  CHECK_EQ(wiring.segments[2].inputs[2].segment, kFromModelInput);
  CHECK_EQ(Outputs(wiring), "y ");
}

TEST(OutputsThatNobodyReadRideAlong) {
  const ModelWiring wiring =
      WireSegments({File({Tensor("x")}, {Tensor("early"), Tensor("a")}), File({Tensor("a")}, {Tensor("y")})}, "m");
  CHECK_EQ(Outputs(wiring), "early y ");
  CHECK(!wiring.segments[0].is_read_later[0]);
  CHECK(wiring.segments[0].is_read_later[1]);
}

TEST(TheLatestOfOneNameCounts) {
  const ModelWiring wiring = WireSegments(
      {File({Tensor("x")}, {Tensor("a")}), File({Tensor("a")}, {Tensor("a")}), File({Tensor("a")}, {Tensor("y")})},
      "m");
  CHECK_EQ(wiring.segments[1].inputs[0].segment, 0);
  CHECK_EQ(wiring.segments[2].inputs[0].segment, 1);
}

TEST(WhatDoesNotFitIsOneLine) {
  CHECK_THROWS(BackendError,
               WireSegments({File({Tensor("x")}, {Tensor("a")}), File({Tensor("a", 5)}, {Tensor("y")})}, "models[0]"),
               "models[0].segments[1] (x.tflite): expected input \"a\" as int8 1x5, got int8 1x4 from segment 0");
  CHECK_THROWS(
      BackendError,
      WireSegments({File({Tensor("x")}, {Tensor("a")}), File({Tensor("a", 4, ElementType::kUInt8)}, {Tensor("y")})},
                   "models[0]"),
      "expected input \"a\" as uint8 1x4, got int8 1x4 from segment 0");
  CHECK_THROWS(BackendError,
               WireSegments({File({Tensor("x")}, {Tensor("a")}), File({Tensor("b")}, {Tensor("y")})}, "models[0]"),
               "expected input \"b\" among the outputs of earlier segments");
}

}  // namespace
}  // namespace joulespan::test
