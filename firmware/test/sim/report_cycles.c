/* Prints where the cycles go in every mode and number of inputs: the table of README.md. */
#include <stdio.h>
#include <stdlib.h>

#include "sim_host.h"

#define SECONDS_DEFAULT 0.5
#define PINGS_PER_SECOND 600

static void report(struct sim_host *host, uint8_t mode, uint8_t channels, double seconds, bool pings);
static double mean(const struct sim_interrupt *interrupt);

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s <uno.elf> [simulated seconds each]\n", argv[0]);
    return 2;
  }
  const double seconds = argc > 2 ? atof(argv[2]) : SECONDS_DEFAULT;
  static struct sim_board board;
  static struct sim_host host;
  if (!sim_board_open(&board, argv[1])) return 1;
  sim_host_attach(&host, &board);
  sim_board_boot(&board);
  puts("              |     ADC interrupt      |  read | ADMUX | UDR0 |  RX interrupt | share of cycles, %");
  puts("mode in ping/s|  mean  max of   period | delay | delay |  gap |  mean     max |  ISR  main asleep");
  static const uint8_t channel_sets[] = {0x01, 0x03, 0x07, 0x3F};
  for (uint8_t mode = 0; mode < JS_MODE_COUNT; mode++)
    for (size_t i = 0; i < sizeof channel_sets; i++)
      for (int pings = 0; pings < 2; pings++) report(&host, mode, channel_sets[i], seconds, pings);
  printf("RAM: variables end at 0x%04x, stack came down to 0x%04x\n", board.variables_end, board.stack_lowest);
  sim_host_detach(&host);
  sim_board_close(&board);
  return 0;
}

static void report(struct sim_host *host, uint8_t mode, uint8_t channels, double seconds, bool pings) {
  struct sim_board *board = host->board;
  const uint8_t setting[] = {mode, channels};
  sim_host_ask(host, JS_COMMAND_CONFIGURE, setting, 2);
  sim_host_ask(host, JS_COMMAND_START, NULL, 0);
  sim_board_clear_stats(board);
  const int steps = (int)(seconds * PINGS_PER_SECOND);
  for (int i = 0; i < steps; i++) {
    if (pings) sim_host_ping(host, 0, (uint8_t)i);
    sim_board_run(board, SIM_CPU_HZ / PINGS_PER_SECOND + (uint64_t)(i * 31 % 208));
  }
  const double cycles = (double)(board->avr->cycle - board->stats_since);
  const struct sim_interrupt *adc = &board->interrupts[SIM_VECTOR_ADC];
  const struct sim_interrupt *rx = &board->interrupts[SIM_VECTOR_USART_RX];
  const double in_interrupts =
      (double)(adc->cycles + rx->cycles + board->interrupts[SIM_VECTOR_TIMER1_OVF].cycles) / cycles;
  const double asleep = (double)board->asleep_cycles / cycles;
  printf("%4d %2d %6d | %5.1f  %3llu of %7d  | %5llu | %5llu | %4llu | %5.1f  %6llu | %5.1f %5.1f %5.1f\n", mode,
         __builtin_popcount(channels), pings ? PINGS_PER_SECOND : 0, mean(adc), (unsigned long long)adc->cycles_max,
         13 * 16 << mode, (unsigned long long)board->adc.read_delay_max,
         (unsigned long long)board->adc.mux_write_delay_min, (unsigned long long)board->uart.gap_min, mean(rx),
         (unsigned long long)rx->cycles_max, 100 * in_interrupts, 100 * (1 - in_interrupts - asleep), 100 * asleep);
  sim_host_ask(host, JS_COMMAND_STOP, NULL, 0);
}

static double mean(const struct sim_interrupt *interrupt) {
  return interrupt->count ? (double)interrupt->cycles / (double)interrupt->count : 0;
}
