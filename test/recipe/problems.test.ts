import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exitCodeOf, JoulespanError } from '../../src/errors/joulespan-error.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'
import { changed, problemsOf, SAMPLE_RECIPE } from './sample-recipe.ts'

type Case = [what: string, from: string, to: string, problems: string[]]

/** One thing of the sample is changed; each line of the error begins with the file's name, left out here. */
const BROKEN: Case[] = [
  [
    'a marker line of a kind unknown',
    'backend: virtual',
    'backend: virtual\n  marker: { wire: usb }',
    ['20:19: runner.marker.wire: expected virtual or gpio, saw "usb"'],
  ],
  [
    'a real line on a virtual board',
    'backend: virtual',
    'backend: virtual\n  marker: { wire: gpio, chip: /dev/gpiochip0, line: 3 }',
    ['20:19: runner.marker.wire: expected virtual, as the board is, saw "gpio" with sensor.port virtual'],
  ],
  [
    'a unit of another kind',
    'nominal: 12 V',
    'nominal: 12 W',
    ['9:14: rails[0].nominal: expected a voltage such as "12 V", saw "12 W"'],
  ],
  [
    'a bare number',
    'duration: 10 s',
    'duration: 10',
    ['3:11: duration: expected a time such as "10 s", saw 10 without a unit'],
  ],
  [
    'an unknown unit',
    'bandwidth: 2 kHz',
    'bandwidth: 2 khz',
    ['17:18: rails[1].current.bandwidth: expected a frequency such as "2 kHz", saw "2 khz"'],
  ],
  [
    'a comma for a point',
    'never_used: 0.4 W',
    'never_used: "0,4 W"',
    ['22:23: devices.idle.never_used: expected a power such as "0.40 W", saw "0,4 W"'],
  ],
  [
    'a quantity out of range',
    'nominal: 12 V',
    'nominal: 1200 V',
    ['9:14: rails[0].nominal: expected a voltage from 0.5 V to 60 V, saw "1200 V"'],
  ],
  [
    'a negative time',
    'gap_every: 1 s',
    'gap_every: -1 s',
    ['40:14: idle.gap_every: expected a time from 0 s to 1 h, saw "-1 s"'],
  ],
  [
    'a list for a quantity',
    'nominal: 12 V',
    'nominal: [12 V]',
    ['9:14: rails[0].nominal: expected a voltage such as "12 V", saw a list'],
  ],
  [
    'a mapping for a quantity',
    'gap: 8 ms',
    'gap: { ms: 8 }',
    ['41:8: idle.gap: expected a time such as "8 ms", saw a mapping'],
  ],
  [
    'a key without a value',
    'nominal: 12 V',
    'nominal:',
    ['9:13: rails[0].nominal: expected a voltage such as "12 V", saw nothing'],
  ],
  [
    'a missing key',
    `    nominal: 12 V
`,
    '',
    ['8:5: rails[0].nominal: expected a voltage such as "12 V", saw nothing'],
  ],
  [
    'a missing section',
    `runner:
  backend: virtual
`,
    '',
    ['1:1: runner: expected the runner as a mapping, saw nothing'],
  ],
  [
    'an unknown key near a known one',
    '  mode: balanced',
    '  modes: balanced',
    ['6:3: sensor.modes: unknown key, did you mean "mode"?'],
  ],
  [
    'an unknown key near none',
    '  mode: balanced',
    '  voltage: 5 V',
    [
      '6:3: sensor.voltage: unknown key; known here: port, baud, mode, oscillator, settle, calibration, floor_up, floor_down',
    ],
  ],
  [
    'a key in camel case',
    `load_power: 0.8 W
        phases:
          - { name: compute, time: 2 ms`,
    `loadPower: 0.8 W
        phases:
          - { name: compute, time: 2 ms`,
    [
      '26:9: models[0].segments[0].load_power: expected a power such as "0.8 W", saw nothing',
      '27:9: models[0].segments[0].loadPower: unknown key, did you mean "load_power"?',
    ],
  ],
  [
    'a key twice',
    'duration: 10 s',
    `duration: 10 s
duration: 20 s`,
    ['4:1: duration: expected a key once, saw it again'],
  ],
  [
    'a word that is no choice',
    'mode: balanced',
    'mode: ballanced',
    ['6:9: sensor.mode: expected fast, balanced or accurate, saw "ballanced"; did you mean "balanced"?'],
  ],
  [
    'a choice that is no word',
    'mode: balanced',
    'mode: 2',
    ['6:9: sensor.mode: expected fast, balanced or accurate, saw 2'],
  ],
  ['another version', 'version: 1', 'version: 2', ['1:10: version: expected 1, saw 2']],
  [
    'a name that is no word of a run id',
    'name: sample',
    'name: My Sample',
    [
      '2:7: name: expected a name of lower-case words and digits joined by "-" such as "mobilenetv2-4tpu", saw "My Sample"',
    ],
  ],
  [
    'a number for a name',
    'name: sample',
    'name: 12',
    ['2:7: name: expected a name of lower-case words and digits joined by "-" such as "mobilenetv2-4tpu", saw 12'],
  ],
  [
    'a misspelt port',
    'port: virtual',
    'port: virtul',
    ['5:9: sensor.port: expected virtual or the path of a serial port such as "/dev/ttyACM0", saw "virtul"'],
  ],
  [
    'a baud rate too slow for the mode',
    'mode: balanced',
    'baud: 115200',
    ['6:9: sensor.baud: expected at least 579928, what mode balanced takes, saw 115200'],
  ],
  [
    'a baud rate with a unit',
    'mode: balanced',
    'baud: 2 MBd',
    ['6:9: sensor.baud: expected a baud rate from 9600 to 4000000, saw "2 MBd"'],
  ],
  [
    'an input out of range',
    'input: 2',
    'input: 8',
    ['15:14: rails[1].current.input: expected an ADC input from 0 to 7, saw 8'],
  ],
  [
    'a fraction for an input',
    'input: 2',
    'input: 1.5',
    ['15:14: rails[1].current.input: expected an ADC input from 0 to 7, saw 1.5'],
  ],
  [
    'an input the virtual board lacks',
    'input: 2',
    'input: 6',
    ['15:14: rails[1].current.input: expected an ADC input of the virtual Arduino Uno, 0 to 5, saw 6'],
  ],
  [
    'an input used twice',
    'input: 2',
    'input: 1',
    ['15:14: rails[1].current.input: expected an input of its own, saw 1 that rails[0].voltage.input has'],
  ],
  [
    'an unknown sensor',
    'sensor: ACS712-05B',
    'sensor: ACS712-50B',
    [
      '10:34: rails[0].current.sensor: expected ACS712-05B or ACS712-20A or ACS712-30A or a sensitivity such as "100 mV/A", saw "ACS712-50B"; did you mean "ACS712-05B"?',
    ],
  ],
  [
    'a divider beyond the converter',
    'divider: 0.25',
    'divider: 0.5',
    ['11:35: rails[0].voltage.divider: expected less than the 5 V of the converter at the pin, saw 12 V * 0.5 = 6 V'],
  ],
  [
    'a divider with a unit',
    'divider: 0.25',
    'divider: 25 %',
    ['11:35: rails[0].voltage.divider: expected pin volts per rail volt from 0.001 to 1 such as 0.25, saw "25 %"'],
  ],
  [
    'a voltage better known than its reference',
    'divider: 0.25',
    'divider: 0.25, gain_uncertainty: 0.3 %',
    [
      `11:59: rails[0].voltage.gain_uncertainty: expected at least the 2 % of testbed.supply.uncertainty, which the converter's reference adds, saw 0.3 %`,
    ],
  ],
  [
    'a rail name that is no column',
    'name: v3_3',
    'name: 3.3V',
    [
      '12:11: rails[1].name: expected a name of lower-case letters, digits and "_", a letter first such as "v12", saw "3.3V"',
    ],
  ],
  [
    'a rail name the dataset has',
    'name: v3_3',
    'name: idle',
    ['12:11: rails[1].name: expected another name, as the dataset has a column energy_idle_j of its own, saw "idle"'],
  ],
  [
    'a rail name twice',
    'name: v3_3',
    'name: v12',
    ['12:11: rails[1].name: expected a name used once, saw "v12" again'],
  ],
  [
    'no rails',
    section('rails'),
    `rails: []
`,
    ['7:8: rails: expected a list of 1 to 8 rails, saw 0'],
  ],
  [
    'a sensor too small for the card',
    'sensor: 66 mV/A',
    'sensor: 10 V/A',
    [
      '16:15: rails[1].current.sensor: expected a range of at least the 0.832 A that the card may draw at 3.3 V, saw 0.25 A',
    ],
  ],
  [
    'both kinds of runner',
    'backend: virtual',
    `backend: virtual
  attach: { events: tcp://h:1, requests: tcp://h:2 }`,
    ['19:3: runner: expected exactly one of backend and attach, saw backend and attach'],
  ],
  [
    'no kind of runner',
    `
  backend: virtual`,
    ' {}',
    ['18:9: runner: expected exactly one of backend and attach, saw neither'],
  ],
  [
    'an endpoint that is none',
    'backend: virtual',
    'attach: { events: localhost:5555, requests: tcp://h:2 }',
    [
      '5:9: sensor.port: expected a serial port, as nothing feeds a virtual board with runner.attach, saw "virtual"',
      '19:21: runner.attach.events: expected a ZeroMQ endpoint such as "tcp://127.0.0.1:5555", saw "localhost:5555"',
      '21:3: devices: expected only with runner.backend virtual, cpu or edgetpu, saw runner.attach',
      '24:3: models: expected only with runner.backend virtual, cpu or edgetpu, saw runner.attach',
      '35:3: tasks: expected only with runner.backend virtual, cpu or edgetpu, saw runner.attach',
      '40:3: idle: expected only with runner.backend virtual, cpu or edgetpu, saw runner.attach',
    ],
  ],
  [
    'parts of the virtual card without it',
    'backend: virtual',
    'backend: none',
    [
      '5:9: sensor.port: expected a serial port, as nothing feeds a virtual board with runner.backend none, saw "virtual"',
      '21:3: devices: expected only with runner.backend virtual, cpu or edgetpu, saw runner.backend none',
      '24:3: models: expected only with runner.backend virtual, cpu or edgetpu, saw runner.backend none',
      '35:3: tasks: expected only with runner.backend virtual, cpu or edgetpu, saw runner.backend none',
      '40:3: idle: expected only with runner.backend virtual, cpu or edgetpu, saw runner.backend none',
    ],
  ],
  [
    'the virtual card without tasks',
    section('tasks'),
    '',
    ['1:1: tasks: expected with runner.backend virtual, saw nothing'],
  ],
  [
    'more devices than a card has',
    'count: 2',
    'count: 17',
    ['21:10: devices.count: expected a number of devices from 1 to 16, saw 17'],
  ],
  ['an unknown model', 'model: pair', 'model: pear', ['36:12: tasks[0].model: expected one of pair, saw "pear"']],
  [
    'a device that does not exist',
    'devices: [0, 1]',
    'devices: [0, 2]',
    ['37:18: tasks[0].devices[1]: expected the number of a device, 0 to 1, saw 2'],
  ],
  [
    'too few devices for the segments',
    'devices: [0, 1]',
    'devices: [0]',
    ['37:14: tasks[0].devices: expected 2 devices, one for each segment of "pair", saw 1'],
  ],
  [
    'a device by name',
    'devices: [0, 1]',
    'devices: [tpu0, 1]',
    ['37:15: tasks[0].devices[0]: expected the number of a device from 0 to 15, saw "tpu0"'],
  ],
  [
    'an unknown law',
    'law: poisson',
    'law: poison',
    [
      '38:21: tasks[0].arrival.law: expected poisson, periodic, saturated, closed or trace, saw "poison"; did you mean "poisson"?',
    ],
  ],
  [
    'no law',
    'law: poisson, ',
    '',
    ['38:14: tasks[0].arrival.law: expected poisson, periodic, saturated, closed or trace, saw nothing'],
  ],
  [
    'a key of another law',
    'rate: 40 /s',
    'rate: 40 /s, period: 5 ms',
    ['38:43: tasks[0].arrival.period: unknown key for law poisson; known here: law, rate'],
  ],
  [
    'a rate as a time',
    'rate: 40 /s',
    'rate: 25 ms',
    ['38:36: tasks[0].arrival.rate: expected a rate such as "40 /s", saw "25 ms"'],
  ],
  [
    'a rate nothing can serve',
    'rate: 40 /s',
    'rate: 400 /s',
    [
      '35:3: tasks: expected rates that devices can serve, saw device 1 busy 120 % of the time; lower them or take law saturated',
    ],
  ],
  [
    'a jitter beyond the period',
    'law: poisson, rate: 40 /s',
    'law: periodic, period: 5 ms, jitter: 6 ms',
    ['38:53: tasks[0].arrival.jitter: expected at most the period of 5 ms, saw 6 ms'],
  ],
  [
    'a trace that falls',
    'law: poisson, rate: 40 /s',
    'law: trace, at: [1 ms, 3 ms, 2 ms]',
    ['38:45: tasks[0].arrival.at[2]: expected not less than the 3 ms before it, saw 2 ms'],
  ],
  [
    'a saturated task without idle gaps',
    `law: poisson, rate: 40 /s }
idle:
  gap_every: 1 s`,
    `law: saturated }
idle:
  gap_every: 0 s`,
    [
      '40:14: idle.gap_every: expected idle gaps, such as "1 s", as task "street" is saturated and leaves no idle time of its own, saw none',
    ],
  ],
  [
    'idle gaps too short for a baseline',
    'gap: 8 ms',
    'gap: 1 ms',
    [
      '41:8: idle.gap: expected at least 2.6 ms, until devices and filters have settled and 1 ms of baseline is left, saw 1 ms',
    ],
  ],
  [
    'a phase without time',
    'time: 2 ms, ',
    '',
    ['29:13: models[0].segments[0].phases[0].time: expected a time such as "2.1 ms", saw nothing'],
  ],
  [
    'a segment without phases',
    `phases:
          - { name: compute, time: 2 ms, power: 1.2 W }`,
    'phases: []',
    ['28:17: models[0].segments[0].phases: expected a list of 1 to 16 phases, saw 0'],
  ],
  [
    'a seed that is no whole number',
    'seed: 7',
    'seed: lucky',
    ['43:9: testbed.seed: expected a seed from 0 to 4294967295, saw "lucky"'],
  ],
  [
    'a virtual rail that is none',
    'v12: { device_share',
    'v21: { device_share',
    ['45:10: testbed.rails.v21: expected one of the rails v12, v3_3, saw "v21"; did you mean "v12"?'],
  ],
  [
    'device shares beyond the whole',
    'v12: { device_share: 80 % }',
    `v12: { device_share: 80 % }
    v3_3: { device_share: 30 % }`,
    ['45:5: testbed.rails: expected device shares that make 100 % together, saw 110 % of 2 rails'],
  ],
  [
    'a fault that is none',
    `'drop:1e-4'`,
    `'dorp:1e-4'`,
    ['46:12: testbed.faults[0]: expected a fault such as "drop:1e-4", saw "dorp:1e-4"'],
  ],
  [
    'a fault at an impossible rate',
    `'drop:1e-4'`,
    `'drop:0.5'`,
    ['46:12: testbed.faults[0]: expected a rate of at most 0.3 per byte, saw 0.5'],
  ],
  [
    'a floor above what is certain',
    'mode: balanced',
    'floor_up: 5 ms',
    ['6:13: sensor.floor_up: expected at most 4990 us, all that link pty keeps for certain, saw 5000 us'],
  ],
  [
    'a clock that strays more than declared',
    'seed: 7',
    `seed: 7
  clock: { warmup: 600 ppm }`,
    ['44:10: testbed.clock: expected at most the 2 ppm/s declared for a resonator, saw up to 5.31 ppm/s'],
  ],
  [
    'device lags in the wrong order',
    'seed: 7',
    `seed: 7
  device_lag: [100 us, 20 us]`,
    ['44:15: testbed.device_lag: expected the least before the greatest, saw 100 us and 20 us'],
  ],
  [
    'text that is no YAML',
    'devices: [0, 1]',
    'devices: [0, 1',
    ['38:5: expected YAML: flow sequence in block collection must be sufficiently indented and end with a ]'],
  ],
  ['a tag', 'count: 2', 'count: !many 2', ['21:10: expected YAML: unresolved tag: !many']],
  [
    'an alias of nothing',
    'model: pair',
    'model: *pair',
    [
      '36:12: tasks[0].model: expected a name of letters, digits, "_", "-" and "." such as "mobilenetv2", saw an alias of nothing',
    ],
  ],
]

for (const [what, from, to, problems] of BROKEN) {
  test(`refuses ${what}`, () => {
    assert.equal(
      problemsOf(changed(from, to)),
      problems.map((line) => `pipelines/x.yaml:${line}`),
    )
  })
}

test('all problems of a file come together, in the order of its lines', () => {
  const text = SAMPLE_RECIPE.replace('12 V', '12')
    .replace('gap: 8 ms', 'gap: 1 ms')
    .replace('input: 2', 'input: 1')
    .replace('mode: balanced', 'mod: balanced')
    .replace('model: pair', 'model: peer')
  assert.equal(problemsOf(text), [
    'pipelines/x.yaml:6:3: sensor.mod: unknown key, did you mean "mode"?',
    'pipelines/x.yaml:9:14: rails[0].nominal: expected a voltage such as "12 V", saw 12 without a unit',
    'pipelines/x.yaml:15:14: rails[1].current.input: expected an input of its own, saw 1 that rails[0].voltage.input has',
    'pipelines/x.yaml:36:12: tasks[0].model: expected one of pair, saw "peer"',
    'pipelines/x.yaml:41:8: idle.gap: expected at least 2.6 ms, until devices and filters have settled and 1 ms of baseline is left, saw 1 ms',
  ])
})

test('refuses a file that holds no recipe', () => {
  assert.equal(problemsOf(''), ['pipelines/x.yaml:1:1: expected a recipe as a mapping, saw an empty file'])
  assert.equal(problemsOf('# to be written\n'), [
    'pipelines/x.yaml:1:1: expected a recipe as a mapping, saw an empty file',
  ])
  assert.equal(problemsOf('- version: 1'), ['pipelines/x.yaml:1:1: expected a recipe as a mapping, saw a list'])
  assert.equal(problemsOf('demo'), ['pipelines/x.yaml:1:1: expected a recipe as a mapping, saw "demo"'])
})

test('refuses a testbed where nothing is virtual', () => {
  const text = `version: 1
name: monitor
duration: 1 h
sensor: { port: /dev/ttyACM0 }
rails: [{ name: v12, nominal: 12 V, current: { input: 7, sensor: ACS712-20A } }]
runner: { backend: none }
`
  assert.equal(problemsOf(text), [])
  assert.equal(problemsOf(`${text}testbed: { seed: 3 }\n`), [
    'pipelines/x.yaml:7:10: testbed: expected only where the sensor or the card is virtual, saw neither',
  ])
})

const ON_FILES = `version: 1
name: files
duration: 1 h
sensor: { port: /dev/ttyACM0 }
rails: [{ name: v12, nominal: 12 V, current: { input: 7, sensor: ACS712-20A } }]
runner: { backend: edgetpu, tflite: lib/libtensorflowlite_c.so, edgetpu: libedgetpu.so.1, performance: high }
devices: { count: 2 }
models: [{ name: pair, segments: [{ file: a.tflite }, { file: /models/b.tflite }], inputs: images, outputs: out }]
tasks: [{ name: camera, model: pair, devices: [0, 1], arrival: { law: saturated } }]
`

test('a recipe of model files needs no powers on a real board; paths are from the recipe on', () => {
  assert.equal(problemsOf(ON_FILES), [])
  const { runner } = resolveRecipe(ON_FILES, 'pipelines/x.yaml')
  assert.is(runner.kind, 'spawn')
  const plan = runner.kind === 'spawn' ? runner.plan : undefined
  assert.is(plan?.tflite, 'pipelines/lib/libtensorflowlite_c.so')
  assert.is(plan?.edgetpu, 'libedgetpu.so.1')
  assert.equal(plan?.models[0], {
    name: 'pair',
    segments: [
      { file: 'pipelines/a.tflite', load_w: 0 },
      { file: '/models/b.tflite', load_w: 0 },
    ],
    inputs: 'pipelines/images',
    outputs: 'pipelines/out',
  })
})

test('the virtual board wants the powers of model files, and each backend its own keys', () => {
  assert.equal(problemsOf(ON_FILES.replace('/dev/ttyACM0', 'virtual').replace('input: 7', 'input: 0')), [
    'pipelines/x.yaml:7:10: devices.idle: expected with the virtual board, saw nothing',
    'pipelines/x.yaml:8:35: models[0].segments[0].active_power: expected a power such as "1.2 W", saw nothing',
    'pipelines/x.yaml:8:55: models[0].segments[1].active_power: expected a power such as "1.2 W", saw nothing',
  ])
  assert.equal(problemsOf(ON_FILES.replace('backend: edgetpu', 'backend: cpu')), [
    'pipelines/x.yaml:6:70: runner.edgetpu: expected only with backend edgetpu, saw backend cpu',
    'pipelines/x.yaml:6:100: runner.performance: expected only with backend edgetpu, saw backend cpu',
  ])
  assert.equal(problemsOf(ON_FILES.replace('{ file: a.tflite }', '{ load: 3 ms }').concat('warmup: 0\n')), [
    'pipelines/x.yaml:8:35: models[0].segments[0].file: expected a path such as "models/mobilenetv2_edgetpu.tflite", saw nothing',
    'pipelines/x.yaml:8:43: models[0].segments[0].load: expected only with backend virtual, saw backend edgetpu',
    'pipelines/x.yaml:10:9: warmup: expected at least 1 on real devices, whose first execution loads parameters, saw 0',
  ])
  assert.equal(problemsOf(changed('backend: virtual', 'backend: virtual\n  threads: 2')), [
    'pipelines/x.yaml:20:12: runner.threads: expected only with backend cpu, saw backend virtual',
  ])
})

test('a clock beyond what its oscillator declares is refused for a crystal that a resonator may have', () => {
  const clock = changed('seed: 7', 'seed: 7\n  clock: { warmup: 60 ppm }')
  assert.equal(problemsOf(clock), [])
  assert.equal(problemsOf(clock.replace('mode: balanced', 'oscillator: crystal')), [
    'pipelines/x.yaml:44:10: testbed.clock: expected at most the 0.05 ppm/s declared for a crystal, saw up to 0.521 ppm/s',
  ])
})

test('a problem of an override names where it comes from', () => {
  const overrides = [
    { path: 'duration', text: '5', from: '--duration' },
    { path: 'sensor.port', text: '/dev/ttyUSB0', from: 'JOULESPAN_PORT' },
    { path: 'rails[0].nominal', text: '12 W', from: '--set' },
    { path: 'name.first', text: 'x', from: '--set' },
    { path: 'sensor.modes', text: 'fast', from: '--set' },
    { path: 'idle', text: '{ gap: [', from: '--set' },
  ]
  try {
    resolveRecipe(SAMPLE_RECIPE, 'x.yaml', overrides)
    assert.unreachable()
  } catch (error) {
    assert.equal((error as Error).message.split('\n'), [
      '--set: expected the path of a value, saw "name.first"',
      '--set: idle: expected a value as in a recipe, saw "{ gap: ["',
      '--duration: duration: expected a time such as "10 s", saw 5 without a unit',
      '--set: sensor.modes: unknown key, did you mean "mode"?',
      '--set: rails[0].nominal: expected a voltage such as "12 V", saw "12 W"',
    ])
  }
})

test('the error is one of recipes, with a hint', () => {
  try {
    resolveRecipe('version: 2', 'x.yaml')
    assert.unreachable()
  } catch (error) {
    assert.instance(error, JoulespanError)
    assert.is((error as JoulespanError).code, 'recipe')
    assert.is((error as JoulespanError).hint, 'docs/recipes.md lists every key of a recipe')
    assert.is(exitCodeOf(error), 2)
  }
})

test('a virtual marker line ends at no real board', () => {
  const text = changed('port: virtual', 'port: /dev/ttyACM0').replace(
    'backend: virtual',
    'backend: virtual\n  marker: { wire: virtual }',
  )
  const problem = 'runner.marker.wire: expected gpio, as the board is real, saw "virtual" with sensor.port /dev/ttyACM0'
  assert.ok(problemsOf(text).some((line) => line.endsWith(problem)))
})

/** The lines of a section of the sample. */
function section(key: string): string {
  const match = new RegExp(`^${key}:\\n( .*\\n)+`, 'm').exec(SAMPLE_RECIPE)
  if (match === null) throw new Error(`expected a section ${key} in the sample`)
  return match[0]
}

test.run()
