#ifndef EMULATOR_PSEUDO_TERMINAL_H
#define EMULATOR_PSEUDO_TERMINAL_H

#include "failure.h"

/* A pseudo terminal: the host opens `path` as it would open the board's port. */
typedef struct {
  int master; /* non-blocking; -1: unplugged */
  int slave;  /* held open, so that the master lives and keeps its settings while no host is there */
  char path[64];
  const char *link; /* symlink kept pointing at path; may be NULL */
} pseudo_terminal_t;

bool pseudo_terminal_open(pseudo_terminal_t *terminal, const char *link, failure_t *failure);
/* As when the cable is pulled: the host's descriptor hangs up, the link is gone. */
void pseudo_terminal_close(pseudo_terminal_t *terminal);

#endif
