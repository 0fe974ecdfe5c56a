// One output line of a Linux GPIO chip, by the character device (uAPI v2, <linux/gpio.h>): no library, opened when it is
// needed.
#ifndef JOULESPAN_MARKER_GPIO_LINE_H_
#define JOULESPAN_MARKER_GPIO_LINE_H_

#include <cstdint>
#include <stdexcept>
#include <string>

#include "marker/marker_line.h"

namespace joulespan {

// One line: what was asked for, what the kernel said, what to do.
class GpioError : public std::runtime_error {
 public:
  GpioError(const std::string& line, bool is_permission) : std::runtime_error(line), is_permission(is_permission) {}
  const bool is_permission;
};

class GpioLine : public MarkerLine {
 public:
  // Requests the line as an output, low.
  GpioLine(const std::string& chip, uint32_t line);
  ~GpioLine() override;
  GpioLine(const GpioLine&) = delete;
  GpioLine& operator=(const GpioLine&) = delete;

  void Set(bool level) override;

 private:
  const std::string name_;
  int fd_ = -1;
};

}  // namespace joulespan

#endif  // JOULESPAN_MARKER_GPIO_LINE_H_
