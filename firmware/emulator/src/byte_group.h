#ifndef EMULATOR_BYTE_GROUP_H
#define EMULATOR_BYTE_GROUP_H

#include <stddef.h>
#include <stdint.h>

enum { BYTE_GROUP_MAX = 4096 };
#define BYTE_GROUP_IDLE_S 100e-6

/* Bytes that leave for the host together, last_s: when the last one ended on the wire. */
typedef void (*byte_group_sink_t)(void *context, const uint8_t *bytes, size_t count, double last_s);

/* Gathers the device's bytes until its line has been idle for BYTE_GROUP_IDLE_S, as an adapter and its driver do. */
typedef struct {
  uint8_t bytes[BYTE_GROUP_MAX];
  size_t count;
  double last_s;
  byte_group_sink_t sink;
  void *context;
} byte_group_t;

/* A byte ended on the wire at t_s; times ascend. */
void byte_group_add(byte_group_t *group, uint8_t byte, double t_s);
/* No byte ended before t_s: lets go what has waited long enough. */
void byte_group_idle(byte_group_t *group, double t_s);
void byte_group_flush(byte_group_t *group);

#endif
