/* Programs and reads the EEPROM in the ways that test_eeprom.c checks. */
#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>

#include "report.h"

enum { ERASED = 1, WRITE_BEGUN, WRITE_ENDED, READ_BACK, WITHOUT_ENABLE, AND_WRITTEN, BLOCK_ENDED };

int main(void) {
  report(ERASED, eeprom_read_byte((uint8_t *)1023));
  report(WRITE_BEGUN, 0);
  eeprom_write_byte((uint8_t *)1023, 0x5A);
  eeprom_busy_wait();
  report(WRITE_ENDED, EECR);
  report(READ_BACK, eeprom_read_byte((uint8_t *)1023));

  EEDR = 0;
  EECR = _BV(EEPE); /* not armed by EEMPE: nothing happens */
  report(WITHOUT_ENABLE, EECR);
  EEDR = 0x0F;
  EECR = _BV(EEPM1) | _BV(EEMPE); /* write only: bits can only fall */
  EECR |= _BV(EEPE);
  eeprom_busy_wait();
  report(AND_WRITTEN, eeprom_read_byte((uint8_t *)1023));

  uint8_t block[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  eeprom_update_block(block, (void *)16, sizeof block);
  eeprom_busy_wait();
  report(BLOCK_ENDED, eeprom_read_byte((uint8_t *)25));
  uint8_t large[512];
  for (uint8_t i = 0; i < 10; i++)
    eeprom_read_block(large, 0, sizeof large); /* halts in one long run of instructions */
  report(REPORT_DONE, 0);
  sei();
  for (;;) continue;
}
