#ifndef EMULATOR_MCU_H
#define EMULATOR_MCU_H

#include <simavr/sim_avr.h>
#include <simavr/sim_io.h>
#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

/*
 * An ATmega328P on simavr 1.6, with the core's timing corrected: interrupt response takes 4 cycles (8 from sleep),
 * one instruction runs after SEI and RETI, and an interrupt pending at SLEEP wakes at once (datasheet 7.7).
 * Peripherals that simavr gets wrong are replaced: adc.h, usart.h, eeprom.h.
 */
enum { MCU_EEPROM_BYTES = 1024, MCU_RESET_HOOKS_MAX = 4 };

typedef void (*mcu_reset_hook_t)(void *context);

typedef struct {
  avr_t *avr;
  avr_io_t reset_port; /* on simavr's list of peripherals to hear of resets, its own watchdog's included */
  struct {
    mcu_reset_hook_t hook;
    void *context;
  } reset_hooks[MCU_RESET_HOOKS_MAX];
  int reset_hook_count;
  uint32_t resets;      /* since power-on */
  bool was_sleeping;    /* until the next interrupt is served */
  uint64_t until_cycle; /* of the running mcu_run_until */
} mcu_t;

/* The mcu stays where it is in memory until mcu_close: simavr points into it. */
bool mcu_open(mcu_t *mcu, const char *elf_path, double f_cpu_hz, failure_t *failure);
void mcu_close(mcu_t *mcu);
void mcu_on_reset(mcu_t *mcu, mcu_reset_hook_t hook, void *context);

/* Up to the first instruction boundary at or after `cycle`. */
bool mcu_run_until(mcu_t *mcu, uint64_t cycle, failure_t *failure);
/* The CPU stands still, for a peripheral or an interrupt. */
void mcu_halt(mcu_t *mcu, unsigned cycles);
/* The reset pin. */
void mcu_reset(mcu_t *mcu);
void mcu_drive_pin(mcu_t *mcu, char port, int bit, bool level);

avr_io_t *mcu_find_peripheral(mcu_t *mcu, const char *kind);
/* Replace simavr's handlers of one register. */
void mcu_hook_write(mcu_t *mcu, avr_io_addr_t address, avr_io_write_t handler, void *context);
void mcu_hook_read(mcu_t *mcu, avr_io_addr_t address, avr_io_read_t handler, void *context);
/* Takes a vector back that was raised and not served: its flag was cleared by software. */
void mcu_withdraw_interrupt(mcu_t *mcu, avr_int_vector_t *vector);

void mcu_read_eeprom(mcu_t *mcu, uint8_t bytes[MCU_EEPROM_BYTES]);
void mcu_write_eeprom(mcu_t *mcu, const uint8_t bytes[MCU_EEPROM_BYTES]);

#endif
