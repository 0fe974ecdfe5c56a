#include "byte_group.h"

void byte_group_add(byte_group_t *group, uint8_t byte, double t_s) {
  byte_group_idle(group, t_s);
  if (group->count == BYTE_GROUP_MAX) byte_group_flush(group);
  group->bytes[group->count++] = byte;
  group->last_s = t_s;
}

void byte_group_idle(byte_group_t *group, double t_s) {
  if (t_s - group->last_s >= BYTE_GROUP_IDLE_S) byte_group_flush(group);
}

void byte_group_flush(byte_group_t *group) {
  if (group->count) group->sink(group->context, group->bytes, group->count, group->last_s);
  group->count = 0;
}
