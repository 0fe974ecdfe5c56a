#include "sample_frame.h"

#include "check.h"

int main(void) {
  for (int channels = 1; channels < 256; channels++) {
    const int count = __builtin_popcount((unsigned)channels);
    const int samples = sample_frame_samples((uint8_t)channels);
    CHECK_BETWEEN(samples, 128, JS_SAMPLE_COUNT_MAX);
    CHECK_EQ(samples % 4, 0);
    CHECK_EQ(samples % count, 0);
    CHECK_EQ(samples == 128, count == 1 || count == 2 || count == 4 || count == 8);
  }
  uint8_t packed[5];
  sample_frame_pack(packed, (const uint16_t[]){0x3FF, 0, 0x2A5, 0x14A});
  CHECK_EQ(packed[0], 0xFF);
  CHECK_EQ(packed[1], 0);
  CHECK_EQ(packed[2], 0xA5);
  CHECK_EQ(packed[3], 0x4A);
  CHECK_EQ(packed[4], 3 | 0 << 2 | 2 << 4 | 1 << 6);
  return check_report("sample_frame");
}
