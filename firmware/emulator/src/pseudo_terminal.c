#include "pseudo_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static bool point_link(const pseudo_terminal_t *terminal, failure_t *failure);

bool pseudo_terminal_open(pseudo_terminal_t *terminal, const char *link, failure_t *failure) {
  terminal->link = link;
  if (openpty(&terminal->master, &terminal->slave, terminal->path, NULL, NULL) != 0) {
    terminal->master = terminal->slave = -1;
    return failure_set(failure, "no pty to be had: %s", strerror(errno));
  }
  struct termios raw;
  tcgetattr(terminal->slave, &raw);
  cfmakeraw(&raw);
  tcsetattr(terminal->slave, TCSANOW, &raw);
  fcntl(terminal->master, F_SETFL, O_NONBLOCK);
  fcntl(terminal->master, F_SETFD, FD_CLOEXEC);
  fcntl(terminal->slave, F_SETFD, FD_CLOEXEC);
  return !link || point_link(terminal, failure);
}

void pseudo_terminal_close(pseudo_terminal_t *terminal) {
  if (terminal->master < 0) return;
  if (terminal->link) unlink(terminal->link);
  close(terminal->slave);
  close(terminal->master);
  terminal->master = terminal->slave = -1;
}

static bool point_link(const pseudo_terminal_t *terminal, failure_t *failure) {
  struct stat existing;
  if (lstat(terminal->link, &existing) == 0 && !S_ISLNK(existing.st_mode))
    return failure_set(failure, "%s: exists and is no symlink, choose another --link", terminal->link);
  unlink(terminal->link);
  if (symlink(terminal->path, terminal->link) != 0)
    return failure_set(failure, "%s: cannot be linked: %s", terminal->link, strerror(errno));
  return true;
}
