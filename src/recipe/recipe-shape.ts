import * as P from '../protocol/constants.ts'
import { CURRENT_SENSOR_NAMES } from './current-sensor.ts'
import { POWER, UNCERTAINTY } from './limits.ts'
import {
  choice,
  type Draft,
  defaulted,
  integer,
  list,
  mapping,
  namedQuantity,
  oneOf,
  optional,
  pureNumber,
  quantity,
  required,
  text,
  type ValueOf,
  variants,
} from './shape.ts'
import { TESTBED } from './testbed-shape.ts'

/** Everything that may stand in a recipe; limits of the runner's plan and of the emulator's board are theirs. */
export type WrittenRecipe = ValueOf<typeof RECIPE_SHAPE>

/** The same with what specs stand for in their place (spec-models.ts). */
export type RecipeDocument = Omit<WrittenRecipe, 'models'> & { readonly models: readonly ModelDocument[] | undefined }
export type RecipeDraft = Draft<RecipeDocument>

type WrittenModel = NonNullable<WrittenRecipe['models']>[number]
export type SegmentDocument = NonNullable<WrittenModel['segments']>[number]
export type ModelDocument = Omit<WrittenModel, 'spec' | 'depth' | 'segment_by' | 'segments'> & {
  readonly segments: readonly SegmentDocument[]
}

/** An ASUS CRL-G116U carries 16 Edge TPUs. */
const DEVICES_MAX = 16
const SEGMENTS_MAX = 16
/** Three deviations more must still fit a power record of 2^32 ns. */
const PHASE = ['1 us', '2 s'] as const
const IDLE = ['0 s', '1 h'] as const
const SPREAD = ['0 %', '30 %'] as const

const SENSOR = mapping('the sensor board', {
  port: required(
    text('virtual or the path of a serial port', '^(virtual|/\\S+|COM\\d+)$', '/dev/ttyACM0'),
    'serial port of the board that samples; `virtual` runs the firmware in the emulator',
  ),
  baud: defaulted(
    integer('a baud rate', 9600, 4e6),
    `${P.BAUD}`,
    'speed of the serial port, as the firmware was built',
  ),
  mode: defaulted(
    choice(['fast', 'balanced', 'accurate']),
    'balanced',
    'conversions per second, shared by all channels: fast 76.9 k, balanced 38.5 k, accurate 19.2 k; slower is less noisy',
  ),
  oscillator: defaulted(
    choice(['crystal', 'resonator']),
    'resonator',
    "what clocks the microcontroller; an Arduino Uno's ATmega328P runs from a resonator. Sets the drift the clock bound allows for",
  ),
  settle: defaulted(
    quantity('time', 'ns', ['0 s', '1 s'], '0.6 ms'),
    '0.6 ms',
    'what devices and supply need to settle after an activity, on top of the sensor filters',
  ),
  calibration: defaulted(
    choice(['device', 'recipe']),
    'device',
    'where scale and zero come from: the record in the EEPROM of the board, or the rails below',
  ),
  floor_up: optional(
    quantity('time', 'ns', ['0 s', '1 s'], '100 us'),
    'certified least delay from board to host beyond the wire time; one claimed too high falsifies every time unnoticed, so leave it out unless it was measured with a marker',
    '0 s; with the virtual board its lag less 10 us',
  ),
  floor_down: defaulted(quantity('time', 'ns', ['0 s', '1 s'], '0 s'), '0 s', 'the same from host to board'),
})

const BANDWIDTH = quantity('frequency', 'Hz', ['10 Hz', '1000 kHz'], '2 kHz')
const DELAY = quantity('time', 'ns', ['0 s', '100 ms'], '80 us')
const INPUT = integer('an ADC input', 0, 7)
const PIN_VOLTAGE = quantity('voltage', 'V', ['0 V', '5 V'], '2.5 V')
const PIN_UNCERTAINTY = quantity('voltage', 'V', ['0 V', '1 V'], '8 mV')
const DELAY_MEANS = '1/(2 pi bandwidth)'

const CURRENT = mapping('the current channel', {
  input: required(INPUT, 'ADC input the sensor is wired to; an Arduino Uno brings out 0 to 5'),
  sensor: required(
    namedQuantity(CURRENT_SENSOR_NAMES, quantity('sensitivity', 'V/A', ['1 mV/A', '10 V/A'], '100 mV/A')),
    'the sensor, or the volts per ampere of another that moves with the supply of the board',
  ),
  bandwidth: defaulted(BANDWIDTH, '2 kHz', 'of the sensor with its filter capacitor (ACS712: 47 nF gives 2 kHz)'),
  delay: optional(DELAY, 'what the filter lags behind the current', DELAY_MEANS),
  zero: defaulted(PIN_VOLTAGE, '2.5 V', 'at the pin at 0 A'),
  gain_uncertainty: defaulted(
    UNCERTAINTY,
    '1.5 %',
    'standard (k=1), of ampere per count; 1.5 % is the data sheet of the ACS712, calibrated sensors reach 0.3 %',
  ),
  zero_uncertainty: defaulted(
    PIN_UNCERTAINTY,
    '25 mV',
    'standard (k=1), of the zero; cancels in energies above the baseline',
  ),
})

const VOLTAGE = mapping('the voltage channel', {
  input: required(INPUT, 'ADC input the divider is wired to'),
  divider: required(pureNumber('pin volts per rail volt', [0.001, 1], 0.25), 'pin volts per rail volt'),
  bandwidth: defaulted(BANDWIDTH, '2 kHz', 'of the divider with its filter'),
  delay: optional(DELAY, 'what the filter lags behind the voltage', DELAY_MEANS),
  zero: defaulted(PIN_VOLTAGE, '0 V', 'at the pin at 0 V'),
  gain_uncertainty: defaulted(
    UNCERTAINTY,
    '2.5 %',
    "standard (k=1), of volt per count: divider and the converter's reference together",
  ),
  zero_uncertainty: defaulted(PIN_UNCERTAINTY, '5 mV', 'standard (k=1), of the zero'),
})

const RAIL = mapping('a rail', {
  name: required(
    text('a name of lower-case letters, digits and "_", a letter first', '^[a-z][a-z0-9_]{0,30}$', 'v12'),
    'prefix of its columns: `v12_w`, `energy_v12_j`',
  ),
  nominal: required(quantity('voltage', 'V', ['0.5 V', '60 V'], '12 V'), 'its voltage'),
  uncertainty: defaulted(
    UNCERTAINTY,
    '3 %',
    'standard (k=1), of the nominal voltage; with a `voltage` channel it only tells the virtual board how far to stray',
  ),
  current: required(CURRENT, 'the channel that measures its current'),
  voltage: optional(VOLTAGE, 'the channel that measures its voltage', 'the nominal voltage is used'),
})

const MARKER_EVERY = defaulted(
  quantity('time', 'ms', ['5 ms', '60 s'], '100 ms'),
  '100 ms',
  'from one toggle to the next, early or late by up to a tenth',
)

const MARKER = variants('a marker line', 'wire', 'what the runner toggles', {
  virtual: {
    about: 'a line of the virtual card, wired to D2 of the virtual board',
    fields: { every: MARKER_EVERY },
  },
  gpio: {
    about: "an output of the runner's machine, wired to D2 of the board; both need a common ground",
    fields: {
      chip: required(text('the path of a GPIO chip', '^/\\S+$', '/dev/gpiochip0'), 'its character device'),
      line: required(integer('a line of the chip', 0, 65_535), 'offset on the chip; `gpioinfo` lists them'),
      every: MARKER_EVERY,
    },
  },
})

const PATH = text('a path', '^\\S([\\s\\S]*\\S)?$', 'models/mobilenetv2_edgetpu.tflite')
const LIBRARY = text('a library', '^\\S([\\s\\S]*\\S)?$', '/usr/lib/libedgetpu.so.1')

const RUNNER = oneOf('the runner', ['backend', 'attach'], {
  backend: optional(
    choice(['virtual', 'cpu', 'edgetpu', 'none']),
    'starts a runner for `devices`, `models` and `tasks`: `virtual` on a virtual card, `cpu` with TFLite on the processor, `edgetpu` with TFLite and libedgetpu on Edge TPUs; `none` records power alone',
    'none, with `attach`',
  ),
  attach: optional(
    mapping('the endpoints of a runner', {
      events: required(endpoint('tcp://127.0.0.1:5555'), 'ZeroMQ endpoint of its event messages'),
      requests: required(endpoint('tcp://127.0.0.1:5556'), 'ZeroMQ endpoint for gap fills, ready and stop'),
    }),
    'a runner started by somebody else',
    'none, with `backend`',
  ),
  tflite: optional(
    LIBRARY,
    "TFLite's C library, with backend cpu or edgetpu; with a slash a path from the recipe on, else a name the loader looks up",
    '`libtensorflowlite_c.so`',
  ),
  tflite_version: optional(text('a version', '^\\S.{0,190}$', '2.16.1'), 'what its version must begin with', 'any 2.x'),
  edgetpu: optional(LIBRARY, 'libedgetpu, with backend edgetpu; as `tflite`', '`libedgetpu.so.1`'),
  edgetpu_version: optional(
    text('a version', '^\\S.{0,190}$', 'RuntimeVersion(14)'),
    'what libedgetpu must say of itself somewhere',
    'any',
  ),
  threads: optional(
    integer('a number of threads', 1, 256),
    'of one interpreter, with backend cpu; `--num_threads` of the runner',
    '1',
  ),
  performance: optional(
    choice(['low', 'medium', 'high', 'max']),
    "clock of the Edge TPUs, libedgetpu's option of this name, with backend edgetpu: 63, 125, 250 or 500 MHz",
    '`max`',
  ),
  host: defaulted(
    choice(['auto', 'local', 'remote']),
    'auto',
    'whose clock the runner tells times in: of this machine, of another one, or as the boot ids of both say; the clock of another one is aligned by questions and answers, and its bound adds',
  ),
  marker: optional(
    MARKER,
    'a line that the runner toggles and the board sees: both clocks are then known to some microseconds',
    'none; a runner of `attach` has its own',
  ),
})

const DEVICES = mapping('the devices', {
  count: required(
    integer('a number of devices', 1, DEVICES_MAX),
    'Edge TPUs, named from tpu0; with backend cpu interpreters beside each other, named from cpu0',
  ),
  idle: optional(
    mapping('idle powers', {
      never_used: required(quantity('power', 'W', POWER, '0.40 W'), 'of one device before its first use'),
      context_open: required(quantity('power', 'W', POWER, '0.45 W'), 'once a driver context is open'),
      resident: required(quantity('power', 'W', POWER, '0.50 W'), 'with a model in its memory'),
    }),
    'what one device draws while nothing runs on it, for the virtual card and the virtual board',
    'those of data/card/edgetpu-power.json if a model names a `spec`; needed otherwise with either',
  ),
})

const PHASE_FIELDS = mapping('a phase', {
  name: required(nameText('compute'), 'such as transfer_in, compute, transfer_out'),
  time: required(quantity('time', 'ms', PHASE, '2.1 ms'), 'how long it takes, mean'),
  power: required(quantity('power', 'W', POWER, '1.2 W'), 'above idle, mean; at its start if `end_power` is given'),
  end_power: optional(quantity('power', 'W', POWER, '1.3 W'), 'above idle at its end, linear between', 'as `power`'),
})

/** What a segment needs is told by the backend: check-segments.ts. */
export const SEGMENT = mapping('a segment', {
  file: optional(
    PATH,
    'its .tflite file, from the recipe on; with backend edgetpu as edgetpu_compiler made it',
    'none; needed with backend cpu or edgetpu',
  ),
  active_power: optional(
    quantity('power', 'W', POWER, '1.2 W'),
    'above idle while it runs, with backend cpu or edgetpu: what the virtual board draws for it',
    'none; needed with the virtual board',
  ),
  load: optional(
    quantity('time', 'ms', ['0 s', '2 s'], '15 ms'),
    'time to load its weights onto the virtual card',
    'none; needed with backend virtual',
  ),
  load_power: optional(
    quantity('power', 'W', POWER, '0.8 W'),
    'above idle while loading',
    '0 W; needed with backend virtual',
  ),
  duration_spread: optional(
    quantity('ratio', '1', SPREAD, '1 %'),
    'standard deviation of the time of each phase, inference by inference, with backend virtual',
    '1 %',
  ),
  power_spread: optional(
    quantity('ratio', '1', SPREAD, '3 %'),
    'standard deviation of the power, inference by inference, with backend virtual',
    '3 %',
  ),
  phases: optional(
    list('phase', PHASE_FIELDS, 1, 16),
    'what one execution on the virtual card is made of, in order',
    'none; needed with backend virtual',
  ),
})

const MODEL = mapping('a model', {
  name: required(nameText('mobilenetv2'), 'as tasks and the dataset call it'),
  spec: optional(
    text('the path of a model spec', '^\\S+\\.json$', 'data/models/resnet50.json'),
    'times and powers come from the models of the card (docs/card.md); from the working folder, the one of the recipe, or joulespan',
    'none, with `segments`',
  ),
  depth: optional(
    integer('a number of devices', 1, SEGMENTS_MAX),
    'devices the spec is cut for; with `spec` only',
    'the segments of the spec, or 1',
  ),
  segment_by: defaulted(
    choice(['params', 'time']),
    'params',
    'where the spec is cut: even in parameters, as the compiler does, or in time; with `spec` only',
  ),
  segments: optional(
    list('segment', SEGMENT, 1, SEGMENTS_MAX),
    'the parts the model is cut into, each on a device of its own or together, whose tensors find their way by name; exactly one of `spec` and `segments`',
    'none, with `spec`',
  ),
  inputs: optional(
    PATH,
    'what it is fed with, with backend cpu or edgetpu: `random` (by `testbed.seed`), a file of raw tensors one after the other, or a folder of .npy files in order of name; used in turn',
    '`random`',
  ),
  outputs: optional(
    PATH,
    'folder for its outputs as .npy, with backend cpu or edgetpu; saving delays the inference that follows',
    'not saved',
  ),
  outputs_max: optional(integer('a number of inferences', 1, 4e9), 'outputs of the first so many are saved', '100'),
})

const PERIOD = ['0.01 ms', '1 h'] as const
const WAIT = ['0 s', '1 h'] as const

export const ARRIVAL = variants('an arrival law', 'law', 'when inferences arrive', {
  poisson: {
    about: 'at random; one that finds the first queue full is dropped and counted',
    fields: {
      rate: required(quantity('rate', '/s', ['0.000001 /s', '100000 /s'], '40 /s'), 'mean arrivals per second'),
    },
  },
  periodic: {
    about: 'at a beat; one that finds the first queue full is dropped and counted',
    fields: {
      period: required(quantity('time', 'ms', PERIOD, '25 ms'), 'from one to the next'),
      jitter: defaulted(quantity('time', 'ms', WAIT, '1 ms'), '0 ms', 'each comes up to so much late, at random'),
    },
  },
  saturated: { about: 'whenever the first queue has room', fields: {} },
  closed: {
    about: 'each client sends its next when its last is through',
    fields: {
      concurrency: defaulted(integer('a number of clients', 1, 1024), '1', 'how many clients there are'),
      think: defaulted(quantity('time', 'ms', WAIT, '2 ms'), '0 ms', 'wait between answer and next'),
      think_jitter: defaulted(quantity('time', 'ms', WAIT, '1 ms'), '0 ms', 'up to so much more, at random'),
    },
  },
  trace: {
    about: 'at the times listed',
    fields: {
      at: required(
        list('arrival', quantity('time', 'ms', ['0 s', '744 h'], '12.5 ms'), 1, 100_000),
        'since tasks began, not falling',
      ),
    },
  },
})

const TASK = mapping('a task', {
  name: required(nameText('camera'), 'as the dataset calls it'),
  model: required(nameText('mobilenetv2'), 'name of its model'),
  devices: required(
    list('device', integer('the number of a device', 0, DEVICES_MAX - 1), 1, SEGMENTS_MAX),
    'the device of each segment, counted from 0; the same one may come twice',
  ),
  queue: defaulted(integer('a queue length', 1, 1024), '4', 'inferences that may wait before each segment'),
  arrival: required(ARRIVAL, 'when its inferences arrive'),
  max_inferences: optional(
    integer('a number of inferences', 1, 2 ** 32 - 2),
    'the task ends after so many',
    'no limit',
  ),
})

const IDLE_PHASES = mapping('idle stretches', {
  never_used: defaulted(quantity('time', 'ms', IDLE, '200 ms'), '200 ms', 'before any device is used'),
  context_open: defaulted(quantity('time', 'ms', IDLE, '300 ms'), '300 ms', 'with contexts open and nothing loaded'),
  resident: defaulted(quantity('time', 'ms', IDLE, '500 ms'), '500 ms', 'with models loaded, before tasks begin'),
  gap_every: defaulted(
    quantity('time', 'ms', IDLE, '1 s'),
    '1 s',
    'how often admission is held so that the baseline is seen; `0 s` is never',
  ),
  gap: defaulted(quantity('time', 'ms', IDLE, '8 ms'), '8 ms', 'how long such a gap is, once all devices are done'),
  after: defaulted(quantity('time', 'ms', IDLE, '500 ms'), '500 ms', 'after the last inference'),
})

export const RECIPE_SHAPE = mapping('a recipe', {
  version: required(integer('a version', 1, 1), 'of this format'),
  name: required(
    text(
      'a name of lower-case words and digits joined by "-"',
      '^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$',
      'mobilenetv2-4tpu',
    ),
    'part of the id of each run',
  ),
  about: defaulted(text('a text', '^[\\s\\S]*$', 'one model on four TPUs'), '""', 'what it is for'),
  duration: required(quantity('time', 's', ['1 ms', '744 h'], '10 s'), 'how long tasks run, or power is recorded'),
  part: defaulted(
    quantity('time', 's', ['1 s', '24 h'], '60 s'),
    '60 s',
    'length of one part of the dataset: every table gets a file for each',
  ),
  sensor: required(SENSOR, 'the board that samples'),
  rails: required(list('rail', RAIL, 1, 8), 'the supplies that are measured'),
  runner: required(RUNNER, 'what runs inferences: exactly one of `backend` and `attach`, and perhaps a marker line'),
  devices: optional(
    DEVICES,
    'what inferences run on; with a runner that is started',
    'none; needed with `runner.backend` virtual, cpu or edgetpu',
  ),
  models: optional(
    list('model', MODEL, 1, 64),
    'what runs on it; powers above idle',
    'none; needed with `runner.backend` virtual, cpu or edgetpu',
  ),
  tasks: optional(
    list('task', TASK, 1, 64),
    'what is asked of it',
    'none; needed with `runner.backend` virtual, cpu or edgetpu',
  ),
  warmup: defaulted(
    integer('a number of inferences', 0, 10_000),
    '3',
    'inferences of each task before measuring; at least 1 on real devices, whose first execution loads parameters',
  ),
  idle: defaulted(IDLE_PHASES, '{}', 'when nothing runs, so that the baseline is known; with a runner that is started'),
  testbed: defaulted(TESTBED, '{}', 'what is virtual and how; only where the sensor or the card is'),
})

export function nameText(example: string): ReturnType<typeof text> {
  return text('a name of letters, digits, "_", "-" and "."', '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$', example)
}

function endpoint(example: string): ReturnType<typeof text> {
  return text('a ZeroMQ endpoint', '^(tcp|ipc)://\\S+$', example)
}
