import { POWER, UNCERTAINTY } from './limits.ts'
import { choice, defaulted, dictionary, integer, list, mapping, optional, quantity, required, text } from './shape.ts'

const PIN_NOISE = quantity('voltage', 'V', ['0 V', '1 V'], '3.5 mV')
const CONVERTER_NOISE = quantity('counts', 'counts', ['0 counts', '100 counts'], '0.3 counts')
/** The host takes a clock to be within 1 % before it has certified its rate: three deviations must stay inside. */
const PPM = quantity('ratio', 'ppm', ['0 ppm', '3000 ppm'], '60 ppm')
const CLOCK_TIME = quantity('time', 's', ['1 s', '24 h'], '120 s')
const DEVICE_LAG = quantity('time', 'us', ['1 us', '10 ms'], '20 us')

/** For rails that `testbed.rails` does not name, too. */
export const VIRTUAL_RAIL = mapping('a virtual rail', {
  base: defaulted(quantity('power', 'W', POWER, '2 W'), '2 W', 'what the card draws beside its devices'),
  device_share: optional(
    quantity('ratio', '1', ['0 %', '100 %'], '80 %'),
    "part of every device's power that it feeds; all rails together 100 %",
    'what the others leave, in equal parts',
  ),
  wander: defaulted(quantity('power', 'W', POWER, '5 mW'), '5 mW', 'standard deviation of its slow wander'),
  wander_time: defaulted(quantity('time', 's', ['1 ms', '24 h'], '3 s'), '3 s', 'correlation time of the wander'),
})

export const TESTBED = mapping('the virtual testbed', {
  seed: defaulted(
    integer('a seed', 0, 2 ** 32 - 1),
    '1',
    'decides everything random: the board, the noise, arrivals, times and powers',
  ),
  board_seed: optional(
    integer('a seed', 0, 2 ** 32 - 1),
    'decides the board alone, so that runs with other seeds are made on the same one',
    'as `seed`',
  ),
  lag: defaulted(
    quantity('time', 'ns', ['1 ms', '100 ms'], '5 ms'),
    '5 ms',
    'how far the emulator runs behind the wall clock; it learns of a change only after it happened',
  ),
  link: defaulted(
    choice(['ideal', 'pty', 'cdc', 'ftdi1', 'ftdi16']),
    'pty',
    'delays of the serial link when emulating offline: none, a pty, USB CDC, an FTDI adapter with 1 or 16 ms latency timer',
  ),
  marker: defaulted(
    choice(['straight', 'inverted', 'open']),
    'straight',
    'how the marker line of `runner.marker` ends at the pin of the virtual board; `open` is nowhere',
  ),
  clock: defaulted(
    mapping('the clock of the virtual board', {
      spread: optional(
        PPM,
        'standard deviation its constant error is drawn from',
        'resonator 1500 ppm, crystal 30 ppm',
      ),
      offset: optional(
        quantity('ratio', 'ppm', ['-9000 ppm', '9000 ppm'], '-800 ppm'),
        'a constant error that is not drawn',
        'drawn from `spread`',
      ),
      warmup: optional(PPM, 'what the rate changes while it warms up', 'resonator 60 ppm, crystal 2 ppm'),
      warmup_time: defaulted(CLOCK_TIME, '120 s', 'time constant of that'),
      sway: optional(PPM, 'amplitude of a slow sine of the rate', 'resonator 3 ppm, crystal 0.2 ppm'),
      sway_period: defaulted(CLOCK_TIME, '60 s', 'its period'),
    }),
    '{}',
    'how the clock of the virtual board strays; must stay within the drift declared by `sensor.oscillator`',
  ),
  host_slew: defaulted(
    list(
      'slew',
      mapping('a slew of the host clock', {
        at: required(quantity('time', 's', ['0 s', '744 h'], '5 s'), 'when it begins, since power-on'),
        time: required(quantity('time', 's', ['1 ms', '744 h'], '4 s'), 'how long it lasts'),
        by: required(
          quantity('ratio', 'ppm', ['-1000 ppm', '1000 ppm'], '500 ppm'),
          'how much faster CLOCK_MONOTONIC then runs',
        ),
      }),
      0,
      16,
    ),
    '[]',
    'when NTP slews the clock of the emulated host, offline: the board and CLOCK_MONOTONIC_RAW know nothing of it',
  ),
  supply: defaulted(
    mapping('the supply of the virtual board', {
      uncertainty: defaulted(
        UNCERTAINTY,
        '2 %',
        'standard deviation its 5 V is drawn from: the reference of the converter',
      ),
      bandgap_uncertainty: defaulted(UNCERTAINTY, '3 %', 'the same of its 1.1 V bandgap'),
    }),
    '{}',
    'how far the supply of the virtual board strays',
  ),
  noise: defaulted(
    mapping('noise', {
      current: optional(
        PIN_NOISE,
        'of a current sensor, rms at the pin',
        '3.5 mV at 2 kHz, growing with the square root of the bandwidth',
      ),
      voltage: defaulted(PIN_NOISE, '0.5 mV', 'of a voltage channel, rms at the pin'),
      converter: defaulted(
        mapping('noise of the converter', {
          fast: defaulted(CONVERTER_NOISE, '0.6 counts', 'rms in mode fast'),
          balanced: defaulted(CONVERTER_NOISE, '0.3 counts', 'rms in mode balanced'),
          accurate: defaulted(CONVERTER_NOISE, '0.15 counts', 'rms in mode accurate'),
        }),
        '{}',
        'of the converter itself',
      ),
    }),
    '{}',
    'noise of sensors and converter',
  ),
  rails: defaulted(
    dictionary('the virtual rails by name', 'name of a rail', VIRTUAL_RAIL),
    '{}',
    'what feeds through which rail, by the name of the rail',
  ),
  device_lag: defaulted(
    list('time', DEVICE_LAG, 2, 2),
    '[20 us, 100 us]',
    'least and greatest delay of a device between its work and its current; drawn once per device',
  ),
  thermal: defaulted(
    mapping('thermal behaviour', {
      leakage: defaulted(
        quantity('leakage', 'W/K', ['0 W/K', '1 W/K'], '4 mW/K'),
        '4 mW/K',
        'more power per kelvin a device heats up',
      ),
      resistance: defaulted(
        quantity('thermalResistance', 'K/W', ['0 K/W', '100 K/W'], '10 K/W'),
        '10 K/W',
        'kelvin per watt of dynamic power',
      ),
      time: defaulted(quantity('time', 's', ['1 s', '24 h'], '60 s'), '60 s', 'time constant of heating'),
    }),
    '{}',
    'how devices drift as they heat up',
  ),
  faults: defaulted(
    list(
      'fault',
      text(
        'a fault',
        '^((drop|flip|insert):\\d+(\\.\\d+)?(e-?\\d+)?|reset@\\d+(\\.\\d+)?|(stall|unplug)@\\d+(\\.\\d+)?:\\d+(\\.\\d+)?)$',
        'drop:1e-4',
      ),
      0,
      64,
    ),
    '[]',
    'what goes wrong: `drop:1e-4`, `flip:`, `insert:` per byte from the board; `reset@3.5`, `stall@3:0.5`, `unplug@3:1` at seconds, for seconds',
  ),
})
