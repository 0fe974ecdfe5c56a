/* The Arduino Uno as the core sees it: port.h, answered by the subsystems. */
#include "adc.h"
#include "config.h"
#include "eeprom.h"
#include "port.h"
#include "timer.h"
#include "uart.h"

const struct port_board port_board = {
    .hardware = JS_HARDWARE_ATMEGA328P,
    .firmware = {FIRMWARE_MAJOR, FIRMWARE_MINOR, FIRMWARE_PATCH},
    .f_cpu_hz = F_CPU,
    .tick_divider = JS_TICK_DIVIDER,
    .modes = 1 << JS_MODE_FAST | 1 << JS_MODE_BALANCED | 1 << JS_MODE_ACCURATE,
    .inputs = ADC_INPUTS,
    .default_mode = DEFAULT_MODE,
    .default_channels = DEFAULT_CHANNELS,
};

uint32_t port_tick(void) { return timer_ticks(); }

void port_eeprom_read(uint16_t address, uint8_t *bytes, uint8_t count) { eeprom_read(address, bytes, count); }

void port_eeprom_write(uint16_t address, const uint8_t *bytes, uint8_t count) { eeprom_write(address, bytes, count); }

bool port_receive(struct received_byte *received) { return uart_receive(received); }

void port_transmit(const uint8_t *bytes, uint8_t count) { uart_transmit(bytes, count); }

void port_transmit_more(uint8_t count) { uart_transmit_more(count); }

bool port_transmitting(void) { return uart_is_transmitting(); }

void port_transmit_finish(void) { uart_transmit_finish(); }

uint32_t port_transmit_tick(void) { return uart_transmit_tick(); }

uint32_t port_sampling_start(uint8_t mode, uint8_t channels, uint8_t frame_samples) {
  return adc_start(mode, channels, frame_samples);
}

void port_sampling_stop(void) { adc_stop(); }

bool port_frame_filled(struct port_filled_frame *filled) { return adc_frame_filled(filled); }

void port_frame_release(void) { adc_frame_release(); }

uint16_t port_measure_bandgap(void) { return adc_measure_bandgap(); }
