#include "check.h"
#include "tick.h"

int main(void) {
  /* now, and the stamp of something `age` ago */
  static const uint32_t nows[] = {0, 1, 0xFFFF, 0x10000, 0x12345678, 0xFFFFFFFF};
  static const uint32_t ages16[] = {0, 1, 0x7FFF, 0x8000, 0xFFFF};
  static const uint32_t ages24[] = {0, 1, 0x10000, 0x800000, 0xFFFFFF};
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 5; j++) {
      CHECK_EQ(tick_extend16(nows[i], (uint16_t)(nows[i] - ages16[j])), (uint32_t)(nows[i] - ages16[j]));
      CHECK_EQ(tick_extend24(nows[i], (nows[i] - ages24[j]) & 0xFFFFFF), (uint32_t)(nows[i] - ages24[j]));
    }
  return check_report("tick");
}
