/* CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, no reflection; "123456789" gives 0x29B1. */
#ifndef JOULESPAN_CRC16_H
#define JOULESPAN_CRC16_H

#include <stdint.h>

/* A port may link its own crc16_of() in place of crc16.c. */
uint16_t crc16_of(const uint8_t *bytes, uint8_t count);

#endif
