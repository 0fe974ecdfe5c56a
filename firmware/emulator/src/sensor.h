#ifndef EMULATOR_SENSOR_H
#define EMULATOR_SENSOR_H

#include "board.h"
#include "power.h"
#include "specimen.h"

/*
 * The sensors between the rails and the ADC pins: one-pole bandwidth on the quantity, drawn gain and zero, noise
 * through the same pole. Ratiometric sensors (ACS712) scale with their supply, which is also the ADC's reference.
 */
typedef struct sensor_bank sensor_bank_t;

/* Follows `power` from now on. */
sensor_bank_t *sensor_bank_new(const board_t *board, const specimen_t *specimen, power_t *power);
void sensor_bank_free(sensor_bank_t *bank);
/* Voltage at an ADC input, at the front of `power`, at t_s; 0 V where no sensor is wired. */
double sensor_bank_pin_v(sensor_bank_t *bank, int input, double t_s);

#endif
