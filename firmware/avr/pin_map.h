/* Pins of the Arduino Uno. ADC inputs A0 to A5 are port C; D0 and D1 are the UART to the USB bridge. */
#ifndef JOULESPAN_AVR_PIN_MAP_H
#define JOULESPAN_AVR_PIN_MAP_H

/* D2: the marker, an input with pull-up; read at every conversion */
#define MARKER_PIN PIND
#define MARKER_PORT PORTD
#define MARKER_DDR DDRD
#define MARKER_BIT 2

#endif
