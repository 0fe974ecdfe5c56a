#include "link.h"

#include "bytes.h"
#include "crc16.h"
#include "joulespan_protocol.h"
#include "port.h"

#define CRC_FROM JS_FRAME_AT_VERSION_KIND

static uint16_t boot_id;
static uint16_t sequence;
static bool sending;
static bool sent_any;
static uint32_t sent_tick;

void link_init(uint16_t id) {
  boot_id = id;
  sequence = 0;
  sending = false;
  sent_any = false;
}

bool link_is_idle(void) {
  if (!sending) return true;
  if (port_transmitting()) return false;
  sent_tick = port_transmit_tick();
  sent_any = true;
  sending = false;
  return true;
}

void link_send(uint8_t *frame, uint8_t kind, uint8_t body_length) {
  frame[0] = JS_FRAME_SYNC0;
  frame[1] = JS_FRAME_SYNC1;
  frame[JS_FRAME_AT_VERSION_KIND] = JS_PROTOCOL_VERSION << 4 | kind;
  frame[JS_FRAME_AT_BODY_LENGTH] = body_length;
  bytes_put_u16(frame + JS_FRAME_AT_BOOT_ID, boot_id);
  bytes_put_u16(frame + JS_FRAME_AT_SEQUENCE, sequence++);
  const uint8_t crc_at = JS_FRAME_HEADER_BYTES + body_length;
  /* the body is let go before its CRC is known: computing it takes less time than sending what it covers */
  port_transmit(frame, crc_at);
  bytes_put_u16(frame + crc_at, crc16_of(frame + CRC_FROM, crc_at - CRC_FROM));
  port_transmit_more(JS_FRAME_CRC_BYTES);
  sending = true;
}

bool link_tx_tick(uint32_t *tick) {
  *tick = sent_any ? sent_tick : 0;
  return sent_any;
}
