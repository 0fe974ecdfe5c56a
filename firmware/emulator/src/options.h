#ifndef EMULATOR_OPTIONS_H
#define EMULATOR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "fault.h"
#include "link_model.h"
#include "marker.h"

typedef struct {
  bool help;
  bool offline; /* --to-journal was given */
  const char *firmware, *board, *truth, *eeprom, *codes, *marker;
  feed_wire_t feed_wire;
  double lag_s;
  fault_plan_t faults;
  /* live */
  const char *powers, *link;
  /* offline */
  const char *journal, *power_log, *host_script;
  int64_t start_ns;
  double duration_s;
  link_kind_t link_kind;
} options_t;

bool options_read(options_t *options, int argument_count, char **arguments, failure_t *failure);
const char *options_help(void);

#endif
