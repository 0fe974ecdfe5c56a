#include "plan/field_reader.h"

#include <cmath>
#include <sstream>

#include "clock/monotonic_clock.h"

namespace joulespan {
namespace {

constexpr size_t kTextMax = 200;  // names, all sent in every dictionary
constexpr size_t kPathMax = 4096;

std::string Shown(const nlohmann::json& value);
std::string Range(double min, double max);

}  // namespace

FieldReader::FieldReader(const nlohmann::json& object, std::string path) : object_(object), path_(std::move(path)) {
  if (!object_.is_object())
    throw PlanError(path_.empty() ? "plan" : path_, "expected an object, got " + Shown(object_));
}

double FieldReader::Number(const std::string& name, double min, double max, std::optional<double> otherwise) {
  if (otherwise && !Has(name)) return *otherwise;
  const nlohmann::json& value = Require(name, "a number");
  if (!value.is_number() || !(value.get<double>() >= min && value.get<double>() <= max)) {
    throw PlanError(PathOf(name), "expected a number " + Range(min, max) + ", got " + Shown(value));
  }
  return value.get<double>();
}

uint64_t FieldReader::Integer(const std::string& name, uint64_t min, uint64_t max, std::optional<uint64_t> otherwise) {
  if (otherwise && !Has(name)) return *otherwise;
  const nlohmann::json& value = Require(name, "an integer");
  if (!value.is_number_unsigned() || value.get<uint64_t>() < min || value.get<uint64_t>() > max) {
    throw PlanError(PathOf(name), "expected an integer from " + std::to_string(min) + " to " + std::to_string(max) +
                                      ", got " + Shown(value));
  }
  return value.get<uint64_t>();
}

std::string FieldReader::Text(const std::string& name, std::optional<std::string> otherwise) {
  return TextUpTo(kTextMax, name, std::move(otherwise));
}

std::string FieldReader::Path(const std::string& name, std::optional<std::string> otherwise) {
  return TextUpTo(kPathMax, name, std::move(otherwise));
}

std::string FieldReader::TextUpTo(size_t max_bytes, const std::string& name, std::optional<std::string> otherwise) {
  if (otherwise && !Has(name)) return *otherwise;
  const nlohmann::json& value = Require(name, "a text");
  const size_t bytes = value.is_string() ? value.get_ref<const std::string&>().size() : 0;
  if (bytes == 0 || bytes > max_bytes) {
    throw PlanError(PathOf(name),
                    "expected a text of 1 to " + std::to_string(max_bytes) + " bytes, got " + Shown(value));
  }
  return value.get<std::string>();
}

int64_t FieldReader::Milliseconds(const std::string& name, double min_ms, double max_ms,
                                  std::optional<double> otherwise_ms) {
  return std::llround(Number(name, min_ms, max_ms, otherwise_ms) * kNsPerMs);
}

const nlohmann::json& FieldReader::Array(const std::string& name, size_t min, size_t max) {
  const nlohmann::json& value = Require(name, "an array");
  if (!value.is_array() || value.size() < min || value.size() > max) {
    const std::string seen = value.is_array() ? std::to_string(value.size()) + " elements" : Shown(value);
    throw PlanError(PathOf(name), "expected an array of " + std::to_string(min) + " to " + std::to_string(max) +
                                      " elements, got " + seen);
  }
  return value;
}

FieldReader FieldReader::Object(const std::string& name) { return {Require(name, "an object"), PathOf(name)}; }

void FieldReader::RejectUnknown() const {
  for (const auto& field : object_.items()) {
    if (known_.count(field.key()) == 0) throw PlanError(PathOf(field.key()), "unknown field");
  }
}

std::string FieldReader::PathOf(const std::string& name) const { return path_.empty() ? name : path_ + "." + name; }

const nlohmann::json* FieldReader::Find(const std::string& name) {
  known_.insert(name);
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

const nlohmann::json& FieldReader::Require(const std::string& name, const char* expected) {
  const nlohmann::json* value = Find(name);
  if (value == nullptr) throw PlanError(PathOf(name), std::string("expected ") + expected + ", got nothing");
  return *value;
}

namespace {

std::string Shown(const nlohmann::json& value) {
  constexpr size_t kShownMax = 60;
  const std::string text = value.dump();
  return text.size() <= kShownMax ? text : text.substr(0, kShownMax) + "...";
}

std::string Range(double min, double max) {
  std::ostringstream text;
  text << "from " << min << " to " << max;
  return text.str();
}

}  // namespace
}  // namespace joulespan
