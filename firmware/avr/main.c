/* joulespan on the Arduino Uno: samples up to six inputs and streams them; see protocol/frame.md. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/power.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#include "adc.h"
#include "config.h"
#include "device.h"
#include "timer.h"
#include "uart.h"

/* MCUSR as it was at reset; 0 behind a bootloader that clears it. */
static uint8_t reset_cause __attribute__((section(".noinit")));

static void wait_for_event(bool was_transmitting);
static void sleep_until_byte_or_overflow(uint16_t overflows);

int main(void) {
  power_spi_disable();
  power_twi_disable();
  power_timer0_disable();
  power_timer2_disable();
  timer_init();
  uart_init();
  adc_init();
  set_sleep_mode(SLEEP_MODE_IDLE);
  sleep_enable();
  sei();
  device_boot(reset_cause);
  for (;;) {
    const bool was_transmitting = uart_is_transmitting();
    if (!device_poll()) wait_for_event(was_transmitting);
  }
}

/*
 * Sleeps until the device has something to do: a command, the end of a transmission or else a filled frame, or the next
 * overflow of the clock, for what depends on time. Far cheaper than asking it after every conversion.
 */
static void wait_for_event(bool was_transmitting) {
  const uint16_t overflows = timer_overflows;
  if (!adc_is_running()) {
    sleep_until_byte_or_overflow(overflows);
    return;
  }
  /* no need to shut out interrupts: what comes between a check and the sleep is seen after the next conversion */
  uint8_t head_before = uart_ring_tail;
  while (timer_overflows == overflows) {
    if (was_transmitting ? !uart_is_transmitting() : adc_frame_is_filled()) return;
    /* bytes are left to gather until a conversion passes without any */
    const uint8_t head = uart_ring_head;
    if (head != uart_ring_tail && (head == head_before || uart_ring_is_half_full())) return;
    head_before = head;
    sleep_cpu();
  }
}

/* Without conversions nothing else would wake us for what comes between the check and the sleep. */
static void sleep_until_byte_or_overflow(uint16_t overflows) {
  for (;;) {
    cli();
    if (uart_ring_head != uart_ring_tail || timer_overflows != overflows) break;
    sei(); /* the instruction behind it is executed before any interrupt: none can come between */
    sleep_cpu();
  }
  sei();
}

/* Before main: a watchdog that caused this reset is still running, with its shortest time. */
static void __attribute__((naked, used, section(".init3"))) save_reset_cause(void) {
  reset_cause = MCUSR;
  MCUSR = 0;
  wdt_disable();
}
