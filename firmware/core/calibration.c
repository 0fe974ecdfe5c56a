#include "calibration.h"

#include "bytes.h"
#include "crc16.h"

bool calibration_is_valid(const uint8_t record[JS_CALIBRATION_BYTES]) {
  if (bytes_get_u32(record) != JS_CALIBRATION_MAGIC) return false;
  if (record[JS_CALIBRATION_AT_LAYOUT] != JS_CALIBRATION_LAYOUT) return false;
  if (record[JS_CALIBRATION_AT_CHANNELS] != JS_CALIBRATION_CHANNELS) return false;
  const uint8_t *entry = record + JS_CALIBRATION_AT_ENTRIES;
  for (uint8_t channel = 0; channel < JS_CALIBRATION_CHANNELS; channel++, entry += JS_CALIBRATION_ENTRY_BYTES)
    if (entry[JS_CALIBRATION_ENTRY_AT_KIND] > JS_CHANNEL_VOLTAGE) return false;
  return crc16_of(record, JS_CALIBRATION_AT_CRC) == bytes_get_u16(record + JS_CALIBRATION_AT_CRC);
}
