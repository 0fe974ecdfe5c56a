/** CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, no reflection; "123456789" gives 0x29B1. */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff
  for (let i = start; i < end; i++) crc = ((crc << 8) ^ (TABLE[(crc >> 8) ^ (bytes[i] as number)] as number)) & 0xffff
  return crc
}

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})
