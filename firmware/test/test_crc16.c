#include <string.h>

#include "check.h"
#include "crc16.h"
#include "frame_decoder.h"

int main(void) {
  CHECK_EQ(crc16_of((const uint8_t *)"123456789", 9), 0x29B1);
  CHECK_EQ(crc16_of((const uint8_t *)"", 0), 0xFFFF);
  uint8_t bytes[255];
  for (int i = 0; i < 255; i++) bytes[i] = (uint8_t)(i * 151 + 7);
  for (int count = 0; count <= 255; count++)
    CHECK_EQ(crc16_of(bytes, (uint8_t)count), decoder_crc16(bytes, (size_t)count));
  return check_report("crc16");
}
