/* What this build of the firmware is and does; pins are in pin_map.h. Read by C and by the assembler. */
#ifndef JOULESPAN_AVR_CONFIG_H
#define JOULESPAN_AVR_CONFIG_H

#include "joulespan_protocol.h"

#define FIRMWARE_MAJOR 1
#define FIRMWARE_MINOR 0
#define FIRMWARE_PATCH 0

/* `fast` clocks the ADC at 1 MHz, where it loses linearity (data sheet: full resolution up to 200 kHz) */
#define DEFAULT_MODE JS_MODE_BALANCED
#define DEFAULT_CHANNELS 0x01

/* The Uno's header brings out ADC0 to ADC5. */
#define ADC_INPUTS 0x3F

#define F_CPU_REQUIRED 16000000

#if F_CPU != F_CPU_REQUIRED
#error "ticks, ADC clock and baud rate are worked out for 16 MHz: build with -DF_CPU=16000000UL"
#endif
#if ADC_INPUTS == 0 || (DEFAULT_CHANNELS & ~ADC_INPUTS) || DEFAULT_CHANNELS == 0
#error "DEFAULT_CHANNELS must be a non-empty set of ADC_INPUTS"
#endif
#if DEFAULT_MODE >= JS_MODE_COUNT
#error "DEFAULT_MODE must be a mode of protocol/frame.md"
#endif

#endif
