/*
 * The converter, free-running over the selected inputs, and the frames its interrupt (adc_isr.S) fills and sends.
 *
 * Three frames form a ring: the interrupt fills them in turn, adc_frame_filled() hands out the oldest one that is full,
 * adc_frame_release() gives it back. When the next one is still full, the one being filled is filled again from its
 * start: a whole frame's worth of samples is dropped, and the ordinals tell.
 */
#ifndef JOULESPAN_AVR_ADC_H
#define JOULESPAN_AVR_ADC_H

/* One page each: a position in a frame has 8 bits, and the frame begins where they are zero. */
#define ADC_FRAMES 3
#define ADC_PAGE_BYTES 256

/* What the interrupt leaves in a frame beside the counts, in fields whose final content is known only later. */
#define ADC_FRAME_AT_ORDINAL JS_SAMPLE_AT_FIRST_INDEX
#define ADC_FRAME_AT_END_STAMP JS_SAMPLE_AT_TICK
/* ADC_FLAGS at the last sample of the frame before */
#define ADC_FRAME_AT_FLAGS_BEFORE JS_SAMPLE_AT_FLAGS
#define ADC_FRAME_AT_MARKER_EDGES JS_SAMPLE_AT_MARKER_EDGES
/* position behind the low byte of the first edge's sample; JS_SAMPLE_MARKER_NONE without an edge */
#define ADC_FRAME_AT_MARKER_POSITION JS_SAMPLE_AT_MARKER_OFFSET
/* last byte of the page: not zero when the frame is full and not released */
#define ADC_FRAME_AT_FULL (ADC_PAGE_BYTES - 1)

/* Collects the high bits of four counts; the bit set at first falls out with the fourth. */
#define ADC_HIGH_BITS GPIOR1
#define ADC_HIGH_BITS_EMPTY 0x80
/* The marker at the sample before, at its bit of MARKER_PIN; and whether one ADC clock is longer than the interrupt
 * takes to reach its writing of ADMUX. */
#define ADC_FLAGS GPIOR0
#define ADC_FLAG_SLOW_CLOCK_BIT 7

/* Bit 6 of every ADMUX value in use: AVcc is the reference. */
#define ADC_REFERENCE 0x40

#ifndef __ASSEMBLER__
#include <avr/io.h>
#include <stdbool.h>
#include <stdint.h>

#include "port.h"

void adc_init(void);

uint32_t adc_start(uint8_t mode, uint8_t channels, uint8_t frame_samples);
void adc_stop(void);
bool adc_frame_filled(struct port_filled_frame *filled);
void adc_frame_release(void);

extern volatile uint8_t adc_frames[ADC_FRAMES][ADC_PAGE_BYTES];
extern uint8_t adc_oldest; /* the next frame to be handed out */

/* Inline, as they are asked after every conversion. */
static inline bool adc_is_running(void) { return ADCSRA & _BV(ADEN); }
static inline bool adc_frame_is_filled(void) { return adc_frames[adc_oldest][ADC_FRAME_AT_FULL] != 0; }

uint16_t adc_measure_bandgap(void);
#endif

#endif
