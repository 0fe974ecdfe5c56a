#ifndef EMULATOR_LIVE_PORT_H
#define EMULATOR_LIVE_PORT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "lateness.h"
#include "marker.h"
#include "pseudo_terminal.h"

/* What the pty does not take waits here, as in a kernel tty: 4 MiB, then bytes are lost and counted. */
enum { LIVE_PORT_QUEUE_BYTES = 4 << 20, LIVE_PORT_READ_BYTES = 4096 };

typedef struct live_chunk {
  struct live_chunk *next;
  enum { LIVE_BYTES, LIVE_UNPLUG, LIVE_REPLUG, LIVE_MARKER_EDGE } kind;
  int64_t at_ns; /* to the host: not before; from the host: CLOCK_MONOTONIC right after the read */
  size_t count, done;
  uint8_t bytes[];
} live_chunk_t;

typedef struct {
  live_chunk_t *first, *last;
} live_queue_t;

/*
 * The host's side of the bench, on a thread of its own: reads the pty, stamping each read; hands bytes to the host at
 * their time, never earlier; takes marker edges from a FIFO; notices that stdin has closed.
 */
typedef struct {
  pseudo_terminal_t terminal;
  int marker_fifo;  /* -1: none */
  int wake;         /* eventfd: something new to hand out */
  atomic_int *stop; /* set by the thread when stdin closes */
  pthread_t thread;
  pthread_mutex_t lock;
  live_queue_t to_host, from_host; /* under the lock */
  size_t to_host_bytes;            /* under the lock */
  bool finishing;                  /* under the lock: end once to_host is empty or finish_ns has passed */
  int64_t finish_ns;
  live_queue_t backlog; /* due, but the pty is full; only the thread's */
  uint64_t early_writes, bytes_written, bytes_lost_full, replug_failures;
  size_t queue_peak_bytes;
  lateness_t lateness;
} live_port_t;

/* Opens the pty and the FIFO and starts the thread. */
bool live_port_open(live_port_t *port, const char *link, const char *marker_path, atomic_int *stop, failure_t *failure);
void live_port_send(live_port_t *port, const uint8_t *bytes, size_t count, int64_t at_ns);
void live_port_unplug(live_port_t *port, int64_t at_ns);
void live_port_replug(live_port_t *port, int64_t at_ns);
/* The oldest chunk from the host, NULL when there is none; freed by the caller. */
live_chunk_t *live_port_take(live_port_t *port);
/* Hands out what is due by then and ends the thread. */
void live_port_close(live_port_t *port, int64_t finish_ns);

#endif
