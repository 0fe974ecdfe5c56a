/* Frames on their way to the host: header, sequence, CRC, one at a time, and the stamp of the one before. */
#ifndef JOULESPAN_LINK_H
#define JOULESPAN_LINK_H

#include <stdbool.h>
#include <stdint.h>

void link_init(uint16_t boot_id);

/* True when a frame may be sent: all of the one before has entered the UART. */
bool link_is_idle(void);

/* Completes `frame` (header and CRC) and sends it. It stays in use until the link is idle again. */
void link_send(uint8_t *frame, uint8_t kind, uint8_t body_length);

/* The tx_tick for the next frame; false when no frame was sent before. */
bool link_tx_tick(uint32_t *tick);

#endif
