// Reads one JSON object field by field: wrong types, values out of range and unknown fields are named by their path.
#ifndef JOULESPAN_PLAN_FIELD_READER_H_
#define JOULESPAN_PLAN_FIELD_READER_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

namespace joulespan {

// One line: where, what was expected, what was seen.
class PlanError : public std::runtime_error {
 public:
  PlanError(const std::string& path, const std::string& problem) : std::runtime_error(path + ": " + problem) {}
};

class FieldReader {
 public:
  // `path` names the object in messages, as in "tasks[0].arrival"; "" is the whole document.
  FieldReader(const nlohmann::json& object, std::string path);

  // Without a default a field is required. Ranges are closed.
  double Number(const std::string& name, double min, double max, std::optional<double> otherwise = std::nullopt);
  uint64_t Integer(const std::string& name, uint64_t min, uint64_t max,
                   std::optional<uint64_t> otherwise = std::nullopt);
  std::string Text(const std::string& name, std::optional<std::string> otherwise = std::nullopt);
  // A text as long as a path may be.
  std::string Path(const std::string& name, std::optional<std::string> otherwise = std::nullopt);
  // Of milliseconds, as nanoseconds.
  int64_t Milliseconds(const std::string& name, double min_ms, double max_ms,
                       std::optional<double> otherwise_ms = std::nullopt);

  // An array with `min` to `max` elements; read them with a FieldReader each or directly.
  const nlohmann::json& Array(const std::string& name, size_t min, size_t max);
  FieldReader Object(const std::string& name);
  bool Has(const std::string& name) { return Find(name) != nullptr; }

  // Throws if a field was never asked for.
  void RejectUnknown() const;

  std::string PathOf(const std::string& name) const;

 private:
  const nlohmann::json* Find(const std::string& name);  // null when absent; the field is known from here on
  std::string TextUpTo(size_t max_bytes, const std::string& name, std::optional<std::string> otherwise);
  const nlohmann::json& Require(const std::string& name, const char* expected);

  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string> known_;
};

}  // namespace joulespan

#endif  // JOULESPAN_PLAN_FIELD_READER_H_
