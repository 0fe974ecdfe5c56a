#include "eeprom_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool eeprom_file_load(mcu_t *mcu, const char *path, failure_t *failure) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    if (errno == ENOENT) return true;
    return failure_set(failure, "%s: cannot be read: %s", path, strerror(errno));
  }
  uint8_t bytes[MCU_EEPROM_BYTES + 1];
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  if (size != MCU_EEPROM_BYTES)
    return failure_set(failure, "%s: expected %d bytes of EEPROM, saw %s%zu", path, MCU_EEPROM_BYTES,
                       size > MCU_EEPROM_BYTES ? "at least " : "", size);
  mcu_write_eeprom(mcu, bytes);
  return true;
}

bool eeprom_file_save(mcu_t *mcu, const char *path, failure_t *failure) {
  uint8_t bytes[MCU_EEPROM_BYTES];
  mcu_read_eeprom(mcu, bytes);
  FILE *file = fopen(path, "wb");
  bool ok = file && fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes;
  if (file && fclose(file) != 0) ok = false;
  return ok || failure_set(failure, "%s: cannot be written: %s", path, strerror(errno));
}
