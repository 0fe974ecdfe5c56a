#include "adc.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>
#include <util/delay_basic.h>

#include "config.h"
#include "joulespan_protocol.h"
#include "pin_map.h"
#include "sample_frame.h"
#include "tick.h"
#include "timer.h"

_Static_assert(SAMPLE_FRAME_BYTES_MAX <= ADC_FRAME_AT_FULL, "a frame and its owner mark must fit a page");
_Static_assert(SAMPLE_FRAME_BYTES_MAX <= 2 * 128, "two bytes per sample must carry the frame of 128 samples");
_Static_assert(JS_SAMPLE_COUNT_MAX < 255, "marker edges must not need to saturate");
_Static_assert(MARKER_BIT != ADC_FLAG_SLOW_CLOCK_BIT, "both are in ADC_FLAGS");
_Static_assert(ADC_REFERENCE == _BV(REFS0), "AVcc is the reference");

/* Shared with adc_isr.S. */
volatile uint8_t adc_frames[ADC_FRAMES][ADC_PAGE_BYTES] __attribute__((aligned(ADC_PAGE_BYTES)));
volatile uint8_t *volatile adc_fill_at; /* where the next count's low byte goes */
volatile uint8_t adc_frame_end;         /* position behind the last count of a frame */
volatile uint8_t adc_ordinal;
volatile uint8_t adc_next_input[8] __attribute__((aligned(8))); /* ADMUX value that follows that of input c */

uint8_t adc_oldest;
static uint16_t stamp_delay_ticks;

/* Prescaler of the ADC clock as ADPS2..0 of ADCSRA have it; all modes are a power of two. */
static const uint8_t prescaler_bits[JS_MODE_COUNT] = {4, 5, 6};
_Static_assert(JS_MODE_FAST_PRESCALER == 1 << 4 && JS_MODE_BALANCED_PRESCALER == 1 << 5 &&
                   JS_MODE_ACCURATE_PRESCALER == 1 << 6,
               "prescaler_bits must be those of the modes");

/* Data sheet 24.4: a first conversion holds 13.5 ADC clocks after its start; any is complete 11.5 after its hold. */
#define FIRST_HOLD_HALF_CLOCKS 27
#define HOLD_TO_END_HALF_CLOCKS 23
/* From a conversion's end to the stamp of a frame's last sample: 72 cycles at the least, less two ticks of rounding. */
#define END_TO_STAMP_TICKS 7
/* From the reading of the timer to the start of the converter, with half a tick for what the reading cut off. */
#define START_TICKS 1

#define BANDGAP_INPUT (ADC_REFERENCE | _BV(MUX3) | _BV(MUX2) | _BV(MUX1))
#define BANDGAP_PRESCALER (_BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0))
/* The reference feeds the hold capacitor through a high impedance: 2 ms and 16 conversions (1.7 ms) are ample. */
#define BANDGAP_SETTLE_TICKS 4000
#define BANDGAP_DISCARDED 16
#define BANDGAP_SUMMED 32

static void make_free(volatile uint8_t *frame);
static uint8_t link_inputs(uint8_t channels);
static uint16_t half_clocks_to_ticks(uint8_t half_clocks, uint8_t mode);
static uint8_t sample_at(uint8_t position);
static uint16_t convert(void);

void adc_init(void) {
  DIDR0 = ADC_INPUTS; /* no digital input buffer on an analog level */
  MARKER_DDR &= (uint8_t)~_BV(MARKER_BIT);
  MARKER_PORT |= _BV(MARKER_BIT);
}

uint32_t adc_start(uint8_t mode, uint8_t channels, uint8_t frame_samples) {
  const uint8_t first = link_inputs(channels);
  for (uint8_t i = 0; i < ADC_FRAMES; i++) make_free(adc_frames[i]);
  adc_oldest = 0;
  adc_ordinal = 0;
  adc_frame_end = JS_SAMPLE_AT_COUNTS + frame_samples / 4 * 5;
  adc_fill_at = adc_frames[0] + JS_SAMPLE_AT_COUNTS;
  stamp_delay_ticks = half_clocks_to_ticks(HOLD_TO_END_HALF_CLOCKS, mode) + END_TO_STAMP_TICKS;
  ADC_HIGH_BITS = ADC_HIGH_BITS_EMPTY;
  ADC_FLAGS = MARKER_PIN & _BV(MARKER_BIT);
  adc_frames[0][ADC_FRAME_AT_FLAGS_BEFORE] = ADC_FLAGS;
  if (mode == JS_MODE_ACCURATE) ADC_FLAGS |= _BV(ADC_FLAG_SLOW_CLOCK_BIT);

  const uint8_t start = _BV(ADEN) | _BV(ADSC) | _BV(ADATE) | _BV(ADIF) | _BV(ADIE) | prescaler_bits[mode];
  uint16_t stamp;
  ADCSRB = 0; /* free running */
  ADMUX = first;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    stamp = TCNT1;
    ADCSRA = start;
    /* the input of the second conversion, once the first has taken its own: one ADC clock is at most 64 cycles */
    _delay_loop_1(2 * JS_MODE_ACCURATE_PRESCALER / 3);
    ADMUX = adc_next_input[first & 7];
  }
  return tick_extend16(timer_ticks(), stamp) + START_TICKS + half_clocks_to_ticks(FIRST_HOLD_HALF_CLOCKS, mode);
}

void adc_stop(void) { ADCSRA = 0; }

bool adc_frame_filled(struct port_filled_frame *filled) {
  if (!adc_frame_is_filled()) return false;
  volatile uint8_t *frame = adc_frames[adc_oldest];
  const uint16_t stamp = frame[ADC_FRAME_AT_END_STAMP] | (uint16_t)frame[ADC_FRAME_AT_END_STAMP + 1] << 8;
  const uint8_t position = frame[ADC_FRAME_AT_MARKER_POSITION];
  filled->bytes = (uint8_t *)frame; /* the interrupt leaves it alone until it is released */
  filled->ordinal = frame[ADC_FRAME_AT_ORDINAL];
  filled->last_hold_stamp = stamp - stamp_delay_ticks;
  filled->marker_edges = frame[ADC_FRAME_AT_MARKER_EDGES];
  filled->marker_offset = position == JS_SAMPLE_MARKER_NONE ? JS_SAMPLE_MARKER_NONE : sample_at(position);
  const bool level_before = frame[ADC_FRAME_AT_FLAGS_BEFORE] & _BV(MARKER_BIT);
  filled->marker_level = level_before != (filled->marker_offset == 0);
  return true;
}

void adc_frame_release(void) {
  make_free(adc_frames[adc_oldest]);
  adc_oldest = adc_oldest + 1 == ADC_FRAMES ? 0 : adc_oldest + 1;
}

uint16_t adc_measure_bandgap(void) {
  ADMUX = BANDGAP_INPUT;
  ADCSRA = _BV(ADEN) | BANDGAP_PRESCALER;
  const uint16_t from = timer_stamp();
  while ((uint16_t)(timer_stamp() - from) < BANDGAP_SETTLE_TICKS) continue;
  for (uint8_t i = 0; i < BANDGAP_DISCARDED; i++) convert();
  uint16_t sum = 0;
  for (uint8_t i = 0; i < BANDGAP_SUMMED; i++) sum += convert();
  ADCSRA = 0;
  return sum;
}

static void make_free(volatile uint8_t *frame) {
  frame[ADC_FRAME_AT_MARKER_EDGES] = 0;
  frame[ADC_FRAME_AT_MARKER_POSITION] = JS_SAMPLE_MARKER_NONE;
  frame[ADC_FRAME_AT_FULL] = 0;
}

/* Fills the table of successors, a ring over the selected inputs from the lowest; returns the ADMUX value of that. */
static uint8_t link_inputs(uint8_t channels) {
  uint8_t lowest = 0;
  while (!(channels & 1 << lowest)) lowest++;
  uint8_t next = lowest;
  for (uint8_t input = 8; input-- > 0;) {
    if (!(channels & 1 << input)) continue;
    adc_next_input[input] = ADC_REFERENCE | next;
    next = input;
  }
  return ADC_REFERENCE | lowest;
}

static uint16_t half_clocks_to_ticks(uint8_t half_clocks, uint8_t mode) {
  return (uint16_t)((uint16_t)(half_clocks << prescaler_bits[mode]) / (2 * JS_TICK_DIVIDER));
}

/* The sample whose low byte is before `position`: four counts take five bytes. */
static uint8_t sample_at(uint8_t position) {
  const uint8_t bytes = position - 1 - JS_SAMPLE_AT_COUNTS;
  return bytes / 5 * 4 + bytes % 5;
}

static uint16_t convert(void) {
  ADCSRA |= _BV(ADSC);
  loop_until_bit_is_clear(ADCSRA, ADSC);
  return ADC;
}
