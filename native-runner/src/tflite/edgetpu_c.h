// libedgetpu's C API, declared here so that nothing of it is needed to build the runner (tflite/public/edgetpu_c.h).
#ifndef JOULESPAN_TFLITE_EDGETPU_C_H_
#define JOULESPAN_TFLITE_EDGETPU_C_H_

#include <cstddef>

#include "tflite/tflite_c.h"

namespace joulespan {

enum EdgeTpuDeviceType : int { kEdgeTpuPci = 0, kEdgeTpuUsb = 1 };

struct EdgeTpuDevice {
  EdgeTpuDeviceType type;
  const char* path;
};

struct EdgeTpuOption {
  const char* name;
  const char* value;
};

struct EdgeTpuFunctions {
  EdgeTpuDevice* (*ListDevices)(size_t* count);  // null when there are none
  void (*FreeDevices)(EdgeTpuDevice*);           // paths included
  // Aborts the process when `name` is null beside options. Null when the device cannot be opened.
  TfLiteDelegate* (*CreateDelegate)(EdgeTpuDeviceType, const char* name, const EdgeTpuOption*, size_t count);
  void (*FreeDelegate)(TfLiteDelegate*);
  const char* (*Version)();
};

}  // namespace joulespan

#endif  // JOULESPAN_TFLITE_EDGETPU_C_H_
