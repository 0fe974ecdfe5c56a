#include "live_port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_clock.h"
#include "little_endian.h"

enum { MARKER_RECORD_BYTES = 16, AT_MASTER = 0, AT_WAKE, AT_STDIN, AT_MARKER, WATCHED };

static bool open_marker_fifo(live_port_t *port, const char *path, failure_t *failure);
static bool start_thread(live_port_t *port, failure_t *failure);
static void *serve(void *context);
static void wait_for_work(live_port_t *port, struct pollfd watched[WATCHED], int64_t due_ns);
static void read_host(live_port_t *port);
static void read_marker(live_port_t *port);
static void watch_stdin(live_port_t *port);
static void hand_out(live_port_t *port);
static void act(live_port_t *port, live_chunk_t *chunk);
static void write_backlog(live_port_t *port);
static int64_t next_due_ns(live_port_t *port);
static bool finished(live_port_t *port);
static void push(live_queue_t *queue, live_chunk_t *chunk);
static live_chunk_t *pop(live_queue_t *queue);
static live_chunk_t *new_chunk(int kind, int64_t at_ns, const uint8_t *bytes, size_t count);
static void send_chunk(live_port_t *port, live_chunk_t *chunk);
static void deliver_from_host(live_port_t *port, live_chunk_t *chunk);

bool live_port_open(live_port_t *port, const char *link, const char *marker_path, atomic_int *stop,
                    failure_t *failure) {
  memset(port, 0, sizeof *port);
  port->stop = stop;
  port->marker_fifo = -1;
  pthread_mutex_init(&port->lock, NULL);
  port->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  bool ok = pseudo_terminal_open(&port->terminal, link, failure) &&
            (!marker_path || open_marker_fifo(port, marker_path, failure)) && start_thread(port, failure);
  if (!ok) pseudo_terminal_close(&port->terminal);
  return ok;
}

void live_port_send(live_port_t *port, const uint8_t *bytes, size_t count, int64_t at_ns) {
  send_chunk(port, new_chunk(LIVE_BYTES, at_ns, bytes, count));
}

void live_port_unplug(live_port_t *port, int64_t at_ns) {
  send_chunk(port, new_chunk(LIVE_UNPLUG, at_ns, NULL, 0));
}

void live_port_replug(live_port_t *port, int64_t at_ns) {
  send_chunk(port, new_chunk(LIVE_REPLUG, at_ns, NULL, 0));
}

live_chunk_t *live_port_take(live_port_t *port) {
  pthread_mutex_lock(&port->lock);
  live_chunk_t *chunk = pop(&port->from_host);
  pthread_mutex_unlock(&port->lock);
  return chunk;
}

void live_port_close(live_port_t *port, int64_t finish_ns) {
  pthread_mutex_lock(&port->lock);
  port->finishing = true;
  port->finish_ns = finish_ns;
  pthread_mutex_unlock(&port->lock);
  eventfd_write(port->wake, 1);
  pthread_join(port->thread, NULL);
  pseudo_terminal_close(&port->terminal);
  if (port->marker_fifo >= 0) close(port->marker_fifo);
  close(port->wake);
  live_queue_t *queues[] = {&port->to_host, &port->from_host, &port->backlog};
  for (int i = 0; i < 3; i++)
    for (live_chunk_t *chunk; (chunk = pop(queues[i]));) free(chunk);
}

/* Opened for both ways, so that it outlives its writers. */
static bool open_marker_fifo(live_port_t *port, const char *path, failure_t *failure) {
  struct stat existing;
  if (stat(path, &existing) != 0) {
    if (mkfifo(path, 0666) != 0) return failure_set(failure, "%s: FIFO cannot be made: %s", path, strerror(errno));
  } else if (!S_ISFIFO(existing.st_mode)) {
    return failure_set(failure, "%s: expected a FIFO for --marker, or nothing there", path);
  }
  port->marker_fifo = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return port->marker_fifo >= 0 || failure_set(failure, "%s: FIFO cannot be opened: %s", path, strerror(errno));
}

static bool start_thread(live_port_t *port, failure_t *failure) {
  int error = pthread_create(&port->thread, NULL, serve, port);
  return error == 0 || failure_set(failure, "no thread to be had for the port: %s", strerror(error));
}

static void *serve(void *context) {
  live_port_t *port = context;
  struct pollfd watched[WATCHED] = {[AT_WAKE] = {.fd = port->wake, .events = POLLIN},
                                    [AT_STDIN] = {.fd = STDIN_FILENO, .events = POLLIN},
                                    [AT_MARKER] = {.fd = port->marker_fifo, .events = POLLIN}};
  while (!finished(port)) {
    wait_for_work(port, watched, next_due_ns(port));
    if (watched[AT_MASTER].revents & POLLIN) read_host(port);
    if (watched[AT_MARKER].revents & POLLIN) read_marker(port);
    if (watched[AT_STDIN].revents) watch_stdin(port);
    if (*port->stop) watched[AT_STDIN].fd = -1;
    eventfd_t ignored;
    if (watched[AT_WAKE].revents) eventfd_read(port->wake, &ignored);
    hand_out(port);
  }
  return NULL;
}

static void wait_for_work(live_port_t *port, struct pollfd watched[WATCHED], int64_t due_ns) {
  watched[AT_MASTER].fd = port->terminal.master;
  watched[AT_MASTER].events = POLLIN | (port->backlog.first ? POLLOUT : 0);
  int64_t left_ns = due_ns - host_clock_ns();
  if (left_ns < 0) left_ns = 0;
  struct timespec timeout = {.tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000};
  for (int i = 0; i < WATCHED; i++) watched[i].revents = 0;
  ppoll(watched, WATCHED, due_ns == INT64_MAX ? NULL : &timeout, NULL);
}

static void read_host(live_port_t *port) {
  uint8_t bytes[LIVE_PORT_READ_BYTES];
  ssize_t count = read(port->terminal.master, bytes, sizeof bytes);
  int64_t arrival_ns = host_clock_ns();
  if (count > 0) deliver_from_host(port, new_chunk(LIVE_BYTES, arrival_ns, bytes, (size_t)count));
}

static void read_marker(live_port_t *port) {
  uint8_t record[MARKER_RECORD_BYTES]; /* a write of 16 bytes to a FIFO is atomic, so is its reading back */
  while (read(port->marker_fifo, record, sizeof record) == sizeof record)
    deliver_from_host(port, new_chunk(LIVE_MARKER_EDGE, (int64_t)load_u64le(record), record + 8, 1));
}

static void watch_stdin(live_port_t *port) {
  char ignored[256];
  ssize_t count = read(STDIN_FILENO, ignored, sizeof ignored);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) *port->stop = 1;
}

/* Everything whose time has come, in order; a look at the clock before each, so that nothing leaves early. */
static void hand_out(live_port_t *port) {
  write_backlog(port);
  for (;;) {
    pthread_mutex_lock(&port->lock);
    live_chunk_t *chunk =
        port->to_host.first && port->to_host.first->at_ns <= host_clock_ns() ? pop(&port->to_host) : NULL;
    pthread_mutex_unlock(&port->lock);
    if (!chunk) return;
    act(port, chunk);
  }
}

static void act(live_port_t *port, live_chunk_t *chunk) {
  failure_t failure;
  switch (chunk->kind) {
    case LIVE_BYTES: {
      int64_t now_ns = host_clock_ns();
      if (now_ns < chunk->at_ns) port->early_writes++;
      lateness_add(&port->lateness, now_ns - chunk->at_ns);
      push(&port->backlog, chunk);
      write_backlog(port);
      return;
    }
    case LIVE_UNPLUG: pseudo_terminal_close(&port->terminal); break;
    case LIVE_REPLUG:
      if (pseudo_terminal_open(&port->terminal, port->terminal.link, &failure)) {
        fprintf(stderr, "replugged: %s\n", port->terminal.path);
      } else {
        port->replug_failures++;
        fprintf(stderr, "replug: %s\n", failure.text);
      }
      break;
    case LIVE_MARKER_EDGE: break;
  }
  free(chunk);
}

static void write_backlog(live_port_t *port) {
  while (port->backlog.first) {
    live_chunk_t *chunk = port->backlog.first;
    ssize_t taken = -1;
    if (port->terminal.master >= 0)
      taken = write(port->terminal.master, chunk->bytes + chunk->done, chunk->count - chunk->done);
    if (taken < 0 && port->terminal.master >= 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (taken > 0) {
      chunk->done += (size_t)taken;
      port->bytes_written += (uint64_t)taken;
    }
    if (taken >= 0 && chunk->done < chunk->count) continue;
    /* Written, or the port is gone: what an unplugged adapter still held is lost with it. */
    pthread_mutex_lock(&port->lock);
    port->to_host_bytes -= chunk->count;
    pthread_mutex_unlock(&port->lock);
    free(pop(&port->backlog));
  }
}

static int64_t next_due_ns(live_port_t *port) {
  pthread_mutex_lock(&port->lock);
  int64_t due_ns = port->to_host.first ? port->to_host.first->at_ns : INT64_MAX;
  if (port->finishing && port->finish_ns < due_ns) due_ns = port->finish_ns;
  pthread_mutex_unlock(&port->lock);
  return due_ns;
}

static bool finished(live_port_t *port) {
  pthread_mutex_lock(&port->lock);
  bool done = port->finishing && ((!port->to_host.first && !port->backlog.first) || host_clock_ns() >= port->finish_ns);
  pthread_mutex_unlock(&port->lock);
  return done;
}

static void push(live_queue_t *queue, live_chunk_t *chunk) {
  chunk->next = NULL;
  if (queue->last)
    queue->last->next = chunk;
  else
    queue->first = chunk;
  queue->last = chunk;
}

static live_chunk_t *pop(live_queue_t *queue) {
  live_chunk_t *chunk = queue->first;
  if (!chunk) return NULL;
  queue->first = chunk->next;
  if (!queue->first) queue->last = NULL;
  return chunk;
}

static live_chunk_t *new_chunk(int kind, int64_t at_ns, const uint8_t *bytes, size_t count) {
  live_chunk_t *chunk = calloc(1, sizeof *chunk + count);
  chunk->kind = kind;
  chunk->at_ns = at_ns;
  chunk->count = count;
  if (count) memcpy(chunk->bytes, bytes, count);
  return chunk;
}

static void send_chunk(live_port_t *port, live_chunk_t *chunk) {
  pthread_mutex_lock(&port->lock);
  bool fits = port->to_host_bytes + chunk->count <= LIVE_PORT_QUEUE_BYTES;
  if (fits) {
    bool first = !port->to_host.first;
    push(&port->to_host, chunk);
    port->to_host_bytes += chunk->count;
    if (port->to_host_bytes > port->queue_peak_bytes) port->queue_peak_bytes = port->to_host_bytes;
    pthread_mutex_unlock(&port->lock);
    if (first) eventfd_write(port->wake, 1); /* else the thread already wakes for an earlier one */
    return;
  }
  port->bytes_lost_full += chunk->count;
  pthread_mutex_unlock(&port->lock);
  free(chunk);
}

static void deliver_from_host(live_port_t *port, live_chunk_t *chunk) {
  pthread_mutex_lock(&port->lock);
  push(&port->from_host, chunk);
  pthread_mutex_unlock(&port->lock);
}
