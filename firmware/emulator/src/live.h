#ifndef EMULATOR_LIVE_H
#define EMULATOR_LIVE_H

#include "options.h"

/* On a pty, LAG behind the wall clock, until stdin closes, SIGTERM or SIGINT. */
bool live_run(const options_t *options, failure_t *failure);

#endif
