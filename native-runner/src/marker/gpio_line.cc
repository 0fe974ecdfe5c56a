#include "marker/gpio_line.h"

#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace joulespan {
namespace {

constexpr char kConsumer[] = "joulespan-marker";

// Open for as long as a line is being requested: the request has a descriptor of its own.
class Chip {
 public:
  explicit Chip(const std::string& path) : path_(path), fd_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0) throw Refused("expected a GPIO chip", "`ls /dev/gpiochip*` lists what there is");
    if (ioctl(fd_, GPIO_GET_CHIPINFO_IOCTL, &info_) != 0) {
      const GpioError error = Refused("expected a GPIO chip", "`ls /dev/gpiochip*` lists what there is");
      close(fd_);
      throw error;
    }
  }
  ~Chip() { close(fd_); }
  Chip(const Chip&) = delete;
  Chip& operator=(const Chip&) = delete;

  int RequestOutput(uint32_t line) const {
    const std::string wanted = "expected line " + std::to_string(line) + " of " + std::to_string(info_.lines);
    if (line >= info_.lines) throw GpioError(Where() + wanted + ", saw no such line: they count from 0", false);
    gpio_v2_line_request request = {};
    request.offsets[0] = line;
    request.num_lines = 1;
    std::strncpy(request.consumer, kConsumer, sizeof(request.consumer) - 1);
    request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
    // Without an attribute of its own the kernel would keep what the line last had.
    request.config.num_attrs = 1;
    request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    request.config.attrs[0].attr.values = 0;
    request.config.attrs[0].mask = 1;
    if (ioctl(fd_, GPIO_V2_GET_LINE_IOCTL, &request) != 0) {
      throw Refused(wanted + " as an output", errno == EBUSY ? HolderOf(line) : "is it an input only?");
    }
    return request.fd;
  }

 private:
  std::string Where() const { return "marker: " + path_ + ": "; }

  GpioError Refused(const std::string& wanted, const std::string& advice) const {
    const int code = errno;
    const bool is_permission = code == EACCES || code == EPERM;
    const std::string seen = code == ENOTTY || code == EINVAL ? "something else" : std::strerror(code);
    return {Where() + wanted + ", saw " + seen + ": " +
                (is_permission ? "give the user access, often by the group gpio" : advice),
            is_permission};
  }

  std::string HolderOf(uint32_t line) const {
    gpio_v2_line_info info = {};
    info.offset = line;
    const bool is_told = ioctl(fd_, GPIO_V2_GET_LINEINFO_IOCTL, &info) == 0 && info.consumer[0] != '\0';
    return std::string("it is held by ") + (is_told ? info.consumer : "somebody else");
  }

  const std::string path_;
  const int fd_;
  gpiochip_info info_ = {};
};

}  // namespace

GpioLine::GpioLine(const std::string& chip, uint32_t line)
    : name_(chip + " line " + std::to_string(line)), fd_(Chip(chip).RequestOutput(line)) {}

GpioLine::~GpioLine() { close(fd_); }

void GpioLine::Set(bool level) {
  gpio_v2_line_values values = {};
  values.bits = level ? 1 : 0;
  values.mask = 1;
  if (ioctl(fd_, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) != 0) {
    throw GpioError("marker: " + name_ + ": cannot be set: " + std::strerror(errno), false);
  }
}

}  // namespace joulespan
