/* The device: boots, then takes commands and sends frames, one step at a time. */
#ifndef JOULESPAN_DEVICE_H
#define JOULESPAN_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* Counts the boot and makes the identity frame the first thing sent. `reset_cause` as in the identity frame. */
void device_boot(uint8_t reset_cause);

/* One step; false when there was nothing to do until the next interrupt. */
bool device_poll(void);

#endif
