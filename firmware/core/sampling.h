/* Sampling as the host sees it: what is sampled, started or stopped, and the filled frames made ready to send. */
#ifndef JOULESPAN_SAMPLING_H
#define JOULESPAN_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

#include "sample_frame.h"

/* To the board's default mode and channels; sample indices start at 0. */
void sampling_init(void);

/* False when the board has no such mode or input. Only while stopped. */
bool sampling_configure(uint8_t mode, uint8_t channels);
uint8_t sampling_mode(void);
uint8_t sampling_channels(void);

void sampling_start(void);
/* Sends what is filled, with the reports it can carry, and drops what is not. */
void sampling_stop(void);
bool sampling_is_active(void);

/* Index of the sample after the last one in a frame: the first one of the frame to come. */
uint32_t sampling_next_index(void);

/* A ping to be reported in a sample frame. */
void sampling_report_ping(struct ping_report ping);
/* The oldest ping no sample frame has reported; false when there is none. */
bool sampling_take_ping(struct ping_report *ping);

/* Sends the oldest filled frame; false when there is none. Only while the link is idle. */
bool sampling_send_filled(void);

#endif
