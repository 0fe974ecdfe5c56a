/* The device clock: a 32-bit count of ticks (0.5 us) that wraps every 36 minutes, made from stamps with fewer bits. */
#ifndef JOULESPAN_TICK_H
#define JOULESPAN_TICK_H

#include <stdint.h>

/* The tick at which `stamp` was taken, given that it is at most 65535 ticks (32 ms) older than `now`. */
static inline uint32_t tick_extend16(uint32_t now, uint16_t stamp) {
  return now - (uint16_t)((uint16_t)now - stamp);
}

/* The same for 24 bits: at most 8.3 s old. */
static inline uint32_t tick_extend24(uint32_t now, uint32_t stamp) {
  return now - ((now - stamp) & 0xFFFFFFUL);
}

#endif
