#include "truth.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static FILE *open_table(const char *directory, const char *name, const char *header, failure_t *failure);
static int64_t host_ns(const truth_t *truth, double t_s);
static void print_host_ps(FILE *file, const truth_t *truth, double t_s);

bool truth_open(truth_t *truth, const char *directory, int64_t origin_ns, failure_t *failure) {
  *truth = (truth_t){.origin_ns = origin_ns};
  if (mkdir(directory, 0777) != 0 && errno != EEXIST)
    return failure_set(failure, "%s: truth folder cannot be made: %s", directory, strerror(errno));
  snprintf(truth->board_path, sizeof truth->board_path, "%s/board.json", directory);
  truth->stages = open_table(directory, "stages.csv",
                             "span_id,inference_id,device,segment,model,kind,start_ns,energy_j\n", failure);
  truth->clock = open_table(directory, "clock.csv", "boot,index,host_ns\n", failure);
  truth->stretches =
      open_table(directory, "stretches.csv", "boot,first_index,first_host_ns,last_index,last_host_ns\n", failure);
  truth->rails = open_table(directory, "rails.csv", "rail,host_ns,energy_j,idle_j,dynamic_j\n", failure);
  truth->faults = open_table(directory, "faults.csv", "host_ns,kind,stream_offset,detail\n", failure);
  return truth->stages && truth->clock && truth->stretches && truth->rails && truth->faults;
}

void truth_clock_row(truth_t *truth, unsigned boot, uint64_t index, double t_s) {
  fprintf(truth->clock, "%u,%" PRIu64 ",", boot, index);
  print_host_ps(truth->clock, truth, t_s);
  fputc('\n', truth->clock);
}

void truth_stretch_row(truth_t *truth, unsigned boot, uint64_t first_index, double first_s, uint64_t last_index,
                       double last_s) {
  fprintf(truth->stretches, "%u,%" PRIu64 ",", boot, first_index);
  print_host_ps(truth->stretches, truth, first_s);
  fprintf(truth->stretches, ",%" PRIu64 ",", last_index);
  print_host_ps(truth->stretches, truth, last_s);
  fputc('\n', truth->stretches);
}

void truth_rail_row(truth_t *truth, const char *rail, double t_s, power_energy_t energy) {
  fprintf(truth->rails, "%s,%" PRId64 ",%.12f,%.12f,%.12f\n", rail, host_ns(truth, t_s), energy.total_j, energy.idle_j,
          energy.dynamic_j);
}

void truth_fault_row(truth_t *truth, double t_s, const char *kind, int64_t stream_offset, const char *detail) {
  fprintf(truth->faults, "%" PRId64 ",%s,", host_ns(truth, t_s), kind);
  if (stream_offset >= 0) fprintf(truth->faults, "%" PRId64, stream_offset);
  fprintf(truth->faults, ",%s\n", detail);
}

void truth_stages(truth_t *truth, const span_ledger_t *ledger) {
  for (size_t i = 0; i < ledger->count; i++) {
    const span_t *span = &ledger->spans[i];
    fprintf(truth->stages, "%" PRIu32 ",%" PRIu32 ",%u,%u,%u,%u,%" PRId64 ",%.15f\n", span->span_id, span->inference_id,
            span->device, span->segment, span->model, span->kind, span->start_ns, span->energy_j);
  }
}

bool truth_board(truth_t *truth, const cJSON *description, failure_t *failure) {
  FILE *file = fopen(truth->board_path, "w");
  char *text = cJSON_Print(description);
  bool ok = file && text && fprintf(file, "%s\n", text) > 0;
  if (file && fclose(file) != 0) ok = false;
  free(text);
  return ok || failure_set(failure, "%s: cannot be written: %s", truth->board_path, strerror(errno));
}

bool truth_close(truth_t *truth, failure_t *failure) {
  FILE *files[] = {truth->stages, truth->clock, truth->stretches, truth->rails, truth->faults};
  bool ok = true;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (files[i] && (ferror(files[i]) | fclose(files[i])) != 0) ok = false;
  return ok || failure_set(failure, "truth files: the disk did not take everything: %s", strerror(errno));
}

static FILE *open_table(const char *directory, const char *name, const char *header, failure_t *failure) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "w");
  if (!file) {
    failure_set(failure, "%s: cannot be written: %s", path, strerror(errno));
    return NULL;
  }
  fputs(header, file);
  return file;
}

static int64_t host_ns(const truth_t *truth, double t_s) {
  return truth->origin_ns + llround(t_s * 1e9);
}

/* Nanoseconds with three decimals; a double of seconds holds picoseconds for an hour. */
static void print_host_ps(FILE *file, const truth_t *truth, double t_s) {
  int64_t t_ps = llround(t_s * 1e12);
  fprintf(file, "%" PRId64 ".%03d", truth->origin_ns + t_ps / 1000, (int)(t_ps % 1000));
}
