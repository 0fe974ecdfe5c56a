/* The calibration record: protocol/frame.md, last section. */
#ifndef JOULESPAN_CALIBRATION_H
#define JOULESPAN_CALIBRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "joulespan_protocol.h"

/* Magic, layout, number and kind of the entries, and CRC; the numbers in the entries are the host's affair. */
bool calibration_is_valid(const uint8_t record[JS_CALIBRATION_BYTES]);

#endif
