/* An Arduino Uno running the firmware: ATmega328P, the corrected converter and UART, and where its cycles go. */
#ifndef JOULESPAN_SIM_BOARD_H
#define JOULESPAN_SIM_BOARD_H

#include <simavr/sim_avr.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim_adc.h"
#include "sim_uart.h"

#define SIM_CPU_HZ 16000000u
#define SIM_VECTORS 26

enum { SIM_VECTOR_TIMER1_OVF = 13, SIM_VECTOR_USART_RX = 18, SIM_VECTOR_ADC = 21 };

/* Entry and return included. */
struct sim_interrupt {
  uint64_t count;
  uint64_t cycles;
  uint64_t cycles_max;
  uint64_t entered;
};

struct sim_board {
  avr_t *avr;
  struct sim_adc adc;
  struct sim_uart uart;
  struct sim_interrupt interrupts[SIM_VECTORS];
  uint64_t asleep_cycles;
  uint64_t stats_since;
  bool slept;
  uint16_t stack_lowest;
  uint16_t variables_end; /* first address of RAM that holds no variable */
  /* cycle at which the device's tick was 0 */
  uint64_t tick_epoch;
};

/* Loads the firmware. False, with a line on stderr, when it cannot. */
bool sim_board_open(struct sim_board *board, const char *elf_path);
/* From power-on until the firmware has introduced itself and sleeps. */
void sim_board_boot(struct sim_board *board);
void sim_board_close(struct sim_board *board);

/* As the reset button does; EEPROM stays. */
void sim_board_reset(struct sim_board *board);

void sim_board_run(struct sim_board *board, uint64_t cycles);

void sim_board_clear_stats(struct sim_board *board);

/* D2 */
void sim_board_set_marker(struct sim_board *board, bool level);

/* Cycle at which the device's clock, extended beyond 32 bits nearest to `near_cycle`, shows `tick`. */
uint64_t sim_board_cycle_of(const struct sim_board *board, uint32_t tick, uint64_t near_cycle);

#endif
