#include "calibration.h"

#include <string.h>

#include "bytes.h"
#include "check.h"
#include "frame_decoder.h"

static void fill(uint8_t *record) {
  memset(record, 0, JS_CALIBRATION_BYTES);
  memcpy(record, "JSC1", 4);
  record[4] = 1;
  record[5] = 8;
  memcpy(record + 12, "JS-0007", 7);
  record[24] = JS_CHANNEL_CURRENT;
  record[44] = JS_CHANNEL_VOLTAGE;
}

static void seal(uint8_t *record) {
  bytes_put_u16(record + JS_CALIBRATION_AT_CRC, decoder_crc16(record, JS_CALIBRATION_AT_CRC));
}

int main(void) {
  uint8_t record[JS_CALIBRATION_BYTES];
  fill(record);
  seal(record);
  CHECK(calibration_is_valid(record));
  for (int i = 0; i < JS_CALIBRATION_BYTES; i++) {
    record[i] ^= 0x10;
    CHECK(!calibration_is_valid(record));
    record[i] ^= 0x10;
  }
  /* wrong in itself, though its CRC is right: magic, layout, number of channels, kind of the first and last entry */
  static const int wrong[][2] = {{3, '2'}, {4, 2}, {5, 7}, {24, 3}, {164, 3}};
  for (int i = 0; i < 5; i++) {
    fill(record);
    record[wrong[i][0]] = (uint8_t)wrong[i][1];
    seal(record);
    CHECK(!calibration_is_valid(record));
  }
  memset(record, 0xFF, sizeof record); /* erased EEPROM */
  CHECK(!calibration_is_valid(record));
  return check_report("calibration");
}
