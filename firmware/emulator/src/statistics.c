#include "statistics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

static double process_cpu_s(void);

cJSON *statistics_of(const testbed_t *testbed, double wall_s) {
  cJSON *root = cJSON_CreateObject();
  double emulated_s = testbed_now_s(testbed), cpu_s = process_cpu_s();
  cJSON_AddBoolToObject(root, "done", true);
  cJSON_AddNumberToObject(root, "emulated_s", emulated_s);
  cJSON_AddNumberToObject(root, "wall_s", wall_s);
  cJSON_AddNumberToObject(root, "cpu_s", cpu_s);
  cJSON_AddNumberToObject(root, "speed", wall_s > 0 ? emulated_s / wall_s : 0);
  cJSON_AddNumberToObject(root, "cpu_share", wall_s > 0 ? cpu_s / wall_s : 0);
  const struct {
    const char *name;
    uint64_t value;
  } counts[] = {
      {"resets", testbed->mcu.resets},
      {"samples", testbed->sampling.total},
      {"adc_results_lost", testbed->adc.results_lost},
      {"adc_unsupported_triggers", testbed->adc.unsupported_triggers},
      {"bytes_from_device", testbed->counts.bytes_from_device},
      {"bytes_to_device", testbed->counts.bytes_to_device},
      {"udr_violations", testbed->usart.udr_violations},
      {"rx_overruns", testbed->usart.rx_overruns},
      {"rx_while_disabled", testbed->usart.rx_while_disabled},
      {"bytes_dropped", testbed->counts.bytes_dropped},
      {"bytes_flipped", testbed->counts.bytes_flipped},
      {"bytes_inserted", testbed->counts.bytes_inserted},
      {"bytes_lost_unplugged", testbed->counts.bytes_lost_unplugged},
      {"host_bytes_lost_unplugged", testbed->counts.host_bytes_lost_unplugged},
      {"power_records", testbed->counts.power_records},
      {"late_power_records", testbed->counts.late_power_records},
      {"power_records_before_start", testbed->counts.power_records_before_start},
      {"power_phases_beyond_limit", power_phases_beyond_limit(testbed->power)},
      {"late_marker_edges", testbed->counts.late_marker_edges},
  };
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    cJSON_AddNumberToObject(root, counts[i].name, (double)counts[i].value);
  return root;
}

void statistics_add_integer(cJSON *object, const char *name, int64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%" PRId64, value);
  cJSON_AddRawToObject(object, name, digits);
}

void statistics_print(cJSON *document, FILE *file) {
  char *text = cJSON_PrintUnformatted(document);
  fprintf(file, "%s\n", text);
  fflush(file);
  free(text);
  cJSON_Delete(document);
}

static double process_cpu_s(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}
