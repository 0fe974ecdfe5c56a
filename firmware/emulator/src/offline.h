#ifndef EMULATOR_OFFLINE_H
#define EMULATOR_OFFLINE_H

#include "options.h"

/* From recorded powers and a host script to a journal of the serial link: no wall clock, repeatable to the bit. */
bool offline_run(const options_t *options, failure_t *failure);

#endif
