#include "sim_board.h"

#include <simavr/avr_ioport.h>
#include <simavr/avr_timer.h>
#include <simavr/sim_elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What simavr leaves out: 4 cycles to enter an interrupt, 4 more to wake for it (data sheet 7.7.1). */
#define ENTRY_CYCLES 4
#define WAKE_CYCLES 4
/* The running signal falls when RETI begins. */
#define RETURN_CYCLES 4
#define CYCLES_PER_TICK 8
#define BOOT_CYCLES 100000
#define STACK_POINTER_AT 0x5D
#define RAM_START 0x100

static struct sim_board *the_board; /* simavr's sleep callback has no owner argument */

static void log_errors(avr_t *avr, const int level, const char *format, va_list arguments);
static void watch_interrupts(struct sim_board *board);
static void on_running(struct avr_irq_t *irq, uint32_t running, void *owner);
static void on_sleep(avr_t *avr, avr_cycle_count_t cycles);

bool sim_board_open(struct sim_board *board, const char *elf_path) {
  memset(board, 0, sizeof *board);
  avr_global_logger_set(log_errors);
  static elf_firmware_t firmware;
  memset(&firmware, 0, sizeof firmware);
  board->avr = avr_make_mcu_by_name("atmega328p");
  if (!board->avr || elf_read_firmware(elf_path, &firmware) != 0) {
    fprintf(stderr, "expected an ATmega328P firmware, could not read %s: build it first\n", elf_path);
    return false;
  }
  avr_init(board->avr);
  firmware.frequency = SIM_CPU_HZ;
  avr_load_firmware(board->avr, &firmware);
  board->avr->sleep = on_sleep;
  the_board = board;
  sim_adc_attach(&board->adc, board->avr);
  sim_uart_attach(&board->uart, board->avr);
  watch_interrupts(board);
  board->variables_end = (uint16_t)(RAM_START + firmware.datasize + firmware.bsssize);
  return true;
}

void sim_board_boot(struct sim_board *board) {
  board->stack_lowest = UINT16_MAX;
  sim_board_run(board, BOOT_CYCLES);
  for (avr_io_t *io = board->avr->io_port; io; io = io->next)
    if (strcmp(io->kind, "timer") == 0 && ((avr_timer_t *)io)->name == '1')
      board->tick_epoch = ((avr_timer_t *)io)->tov_base;
  sim_board_clear_stats(board);
}

void sim_board_close(struct sim_board *board) {
  free(board->adc.conversions);
  free(board->uart.incoming);
  avr_terminate(board->avr);
}

void sim_board_reset(struct sim_board *board) {
  avr_reset(board->avr);
  avr_regbit_set(board->avr, board->avr->reset_flags.extrf);
  /* simavr clears PIND and goes on believing the level it last told it: a pull-up would change nothing */
  sim_board_set_marker(board, false);
  sim_adc_reset(&board->adc);
  sim_uart_reset(&board->uart);
  sim_board_boot(board);
}

void sim_board_run(struct sim_board *board, uint64_t cycles) {
  const uint64_t end = board->avr->cycle + cycles;
  while (board->avr->cycle < end) {
    const int state = avr_run(board->avr);
    if (state == cpu_Done || state == cpu_Crashed) {
      fprintf(stderr, "the firmware stopped at cycle %llu, pc 0x%x\n", (unsigned long long)board->avr->cycle,
              board->avr->pc);
      exit(1);
    }
    const uint16_t stack = (uint16_t)(board->avr->data[STACK_POINTER_AT] | board->avr->data[STACK_POINTER_AT + 1] << 8);
    if (stack && stack < board->stack_lowest) board->stack_lowest = stack;
  }
}

void sim_board_clear_stats(struct sim_board *board) {
  for (int i = 0; i < SIM_VECTORS; i++) {
    const uint64_t entered = board->interrupts[i].entered;
    board->interrupts[i] = (struct sim_interrupt){.entered = entered};
  }
  board->adc.read_delay_max = 0;
  board->adc.mux_write_delay_min = UINT64_MAX;
  board->uart.gap_min = UINT64_MAX;
  board->asleep_cycles = 0;
  board->stats_since = board->avr->cycle;
}

void sim_board_set_marker(struct sim_board *board, bool level) {
  avr_raise_irq(avr_io_getirq(board->avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 2), level);
}

uint64_t sim_board_cycle_of(const struct sim_board *board, uint32_t tick, uint64_t near_cycle) {
  const uint64_t near_tick = (near_cycle - board->tick_epoch) / CYCLES_PER_TICK;
  const int32_t ahead = (int32_t)(tick - (uint32_t)near_tick);
  return board->tick_epoch + (near_tick + (uint64_t)(int64_t)ahead) * CYCLES_PER_TICK;
}

/* simavr tells what it loaded, on stdout: that is not for a test to print. */
static void log_errors(avr_t *avr, const int level, const char *format, va_list arguments) {
  (void)avr;
  if (level <= LOG_ERROR) vfprintf(stderr, format, arguments);
}

static void watch_interrupts(struct sim_board *board) {
  static const int vectors[] = {SIM_VECTOR_TIMER1_OVF, SIM_VECTOR_USART_RX, SIM_VECTOR_ADC};
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
    avr_irq_register_notify(avr_get_interrupt_irq(board->avr, (uint8_t)vectors[i]) + AVR_INT_IRQ_RUNNING, on_running,
                            board);
}

static void on_running(struct avr_irq_t *irq, uint32_t running, void *owner) {
  struct sim_board *board = owner;
  const int vector = (int)irq->irq / 256;
  struct sim_interrupt *interrupt = &board->interrupts[vector];
  if (running) {
    if (board->slept) board->avr->cycle += WAKE_CYCLES;
    interrupt->entered = board->avr->cycle;
    board->avr->cycle += ENTRY_CYCLES;
    board->slept = false;
    return;
  }
  const uint64_t cycles = board->avr->cycle + RETURN_CYCLES - interrupt->entered;
  interrupt->count++;
  interrupt->cycles += cycles;
  if (cycles > interrupt->cycles_max) interrupt->cycles_max = cycles;
}

static void on_sleep(avr_t *avr, avr_cycle_count_t cycles) {
  (void)avr;
  the_board->asleep_cycles += cycles + 1;
  the_board->slept = true;
}
