/* The USART: frames of 80 cycles, two transmit registers and no more, three receive bytes and no more. */
#include <string.h>

#include "check.h"
#include "downlink.h"
#include "probe_bench.h"
#include "usart.h"

enum { BURST = 1, SPACED, POLLED, INTERRUPTED, TRANSMITTED, LISTENING, STATUS, BYTE, STATUS_AFTER, ANSWERING, ECHO };
enum { RXC = 0x80, TXC = 0x40, UDRE = 0x20, DOR = 0x08, BYTE_CYCLES = 80, LATEST_CYCLES = 8000000 };

typedef struct {
  char bytes[256];
  uint64_t end_cycles[256];
  int count;
} sent_log_t;

static uint64_t letters_from;

static void take_sent(void *context, uint8_t byte, uint64_t end_cycle);
static void run(mcu_t *mcu, usart_t *usart, probe_bench_t *bench);
static void check_sent(const usart_t *usart, const probe_bench_t *bench, const sent_log_t *log);
static void check_received(const usart_t *usart, const probe_bench_t *bench);
static void check_overrun_at_start_bit(usart_t *usart);

int main(int argument_count, char **arguments) {
  if (argument_count != 2) return 1;
  static mcu_t mcu;
  static usart_t usart;
  static probe_bench_t bench;
  static sent_log_t log;
  failure_t failure;
  CHECK(mcu_open(&mcu, arguments[1], 16e6, &failure));
  CHECK(usart_attach(&usart, &mcu, take_sent, &log, &failure));
  probe_bench_attach(&bench, &mcu);
  run(&mcu, &usart, &bench);
  CHECK(probe_bench_done(&bench));
  check_sent(&usart, &bench, &log);
  check_received(&usart, &bench);
  check_overrun_at_start_bit(&usart);
  mcu_close(&mcu);
  return check_report();
}

/* Five bytes at line rate while the program does not read, later 20 while its interrupt does. */
static void run(mcu_t *mcu, usart_t *usart, probe_bench_t *bench) {
  downlink_t downlink = {0};
  uint8_t burst[] = "12345", letters[] = "klmnopqrstuvwxyz{|}~";
  bool burst_sent = false, letters_sent = false;
  while (!probe_bench_done(bench) && mcu->avr->cycle < LATEST_CYCLES) {
    uint64_t next = downlink_next_cycle(&downlink, usart), later = mcu->avr->cycle + 100;
    if (!probe_bench_run_until(bench, next < later ? next : later)) break;
    while (downlink_next_cycle(&downlink, usart) <= mcu->avr->cycle) downlink_deliver(&downlink, usart);
    if (!burst_sent && probe_bench_find(bench, LISTENING, 0).tag) {
      burst_sent = true;
      downlink_push(&downlink, mcu->avr->cycle, burst, 5);
    }
    if (!letters_sent && probe_bench_find(bench, ANSWERING, 0).tag) {
      letters_sent = true;
      downlink_push(&downlink, mcu->avr->cycle, letters, 20);
      letters_from = mcu->avr->cycle;
    }
  }
  downlink_free(&downlink);
}

static void check_sent(const usart_t *usart, const probe_bench_t *bench, const sent_log_t *log) {
  /* burst: one byte is on its way to the shift register, or two; at least two of four writes are lost */
  CHECK(log->bytes[0] == 'a');
  int burst = log->bytes[1] == 'e' ? 1 : 2;
  CHECK(log->bytes[burst] == 'e' && log->bytes[burst + 1] == 'f');
  CHECK(!memcmp(log->bytes + burst + 2, "0123456789ABCDEFGHIJ", 20));
  CHECK(log->count == burst + 22);
  CHECK(usart->udr_violations == (uint64_t)(4 - burst) + 1); /* and `g`, written right behind `f` */

  int uneven = 0;
  for (int i = burst + 3; i < burst + 12; i++)
    if (log->end_cycles[i] - log->end_cycles[i - 1] != BYTE_CYCLES) uneven++;
  for (int i = burst + 13; i < burst + 22; i++)
    if (log->end_cycles[i] - log->end_cycles[i - 1] != BYTE_CYCLES) uneven++;
  CHECK(uneven == 0); /* back to back, by polling and by interrupt */
  CHECK(log->end_cycles[burst + 1] - log->end_cycles[burst] == BYTE_CYCLES);
  uint64_t first = log->end_cycles[0] - probe_bench_find(bench, BURST, 0).cycle;
  CHECK(first >= BYTE_CYCLES && first < BYTE_CYCLES + 8 + 8); /* the bit clock's next tick, and the way to the write */
  uint8_t status = (uint8_t)probe_bench_find(bench, TRANSMITTED, 0).value;
  CHECK((status & (UDRE | TXC)) == UDRE); /* TXC came, and was cleared by writing it */
}

static void check_received(const usart_t *usart, const probe_bench_t *bench) {
  uint8_t status = (uint8_t)probe_bench_find(bench, STATUS, 0).value;
  CHECK((status & (RXC | DOR)) == (RXC | DOR));
  /* two in the buffer, the last one in the shift register; the two it overran are gone */
  CHECK(probe_bench_find(bench, BYTE, 0).value == '1');
  CHECK(probe_bench_find(bench, BYTE, 1).value == '2');
  CHECK(probe_bench_find(bench, BYTE, 2).value == '5');
  CHECK(probe_bench_find(bench, BYTE, 3).tag == 0);
  CHECK(usart->rx_overruns == 2);
  CHECK((probe_bench_find(bench, STATUS_AFTER, 0).value & (RXC | DOR)) == 0);
  int wrong = 0, mistimed = 0;
  for (int i = 0; i < 20; i++) {
    probe_report_t echo = probe_bench_find(bench, ECHO, i);
    if (echo.value != 'k' + i) wrong++;
    /* the middle of the stop bit, then the interrupt's response and prologue */
    uint64_t received = letters_from + (uint64_t)i * BYTE_CYCLES + 76;
    if (echo.cycle < received + 7 || echo.cycle > received + 60) mistimed++;
  }
  CHECK(wrong == 0);
  CHECK(mistimed == 0);
}

/* What counts is the fourth start bit, not the fourth byte: 10 us after the first byte, not 15. */
static void check_overrun_at_start_bit(usart_t *usart) {
  usart->mcu->avr->data[usart->registers->r_ucsrb] = 1 << 4; /* RXEN alone */
  uint64_t before = usart->rx_overruns;
  for (int i = 0; i < 3; i++) {
    usart_receive_start(usart);
    usart_receive(usart, (uint8_t)i);
  }
  CHECK(usart->rx_overruns == before);
  usart_receive_start(usart);
  CHECK(usart->rx_overruns == before + 1);
  CHECK(usart->mcu->avr->data[usart->registers->r_ucsra] & DOR);
}

static void take_sent(void *context, uint8_t byte, uint64_t end_cycle) {
  sent_log_t *log = context;
  log->bytes[log->count] = (char)byte;
  log->end_cycles[log->count++] = end_cycle;
}
