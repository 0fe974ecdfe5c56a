import { Command, type CommanderError, Option } from 'commander'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { withAttributeOptions } from './attribute-options.ts'
import { aboveZero, milliseconds, notNegative, wholeNumber } from './option-values.ts'
import { version } from './version.ts'

/** The command line: what there is, with an example each. Commands are loaded when they run, so that help answers at once. */
export function buildProgram(): Command {
  const program = new Command('joulespan')
    .description('What one neural-network inference costs in joules, on a card with many Edge TPUs')
    .version(version())
    .option('--no-color', 'plain text; NO_COLOR does the same')
    .showHelpAfterError(false)
    .exitOverride(onExit)
    .configureOutput({ writeErr: () => undefined })
    .addHelpText(
      'after',
      '\nExample:\n  joulespan demo\n  joulespan record pipelines/one-tpu.yaml --port /dev/ttyACM0\n',
    )

  const json = (): Option => new Option('--json', 'one versioned JSON document on stdout')
  const runs = (): Option =>
    new Option('--runs <folder>', 'where runs are kept').env('JOULESPAN_RUNS').default('data/runs')
  const seed = (): Option => new Option('--seed <n>', 'of the virtual testbed').argParser(wholeNumber('--seed'))
  const duration = (): Option => new Option('--duration <time>', 'how long tasks run, such as "20 s"')
  const set = (): Option =>
    new Option('--set <key=value...>', 'override a key of the recipe, such as rails[0].nominal="5 V"')
  const plot = (): Option => new Option('--plot <file.svg>', 'also draw power and inferences')

  sub(program, 'demo', 'a whole run on the virtual testbed: no hardware needed, the truth beside the measurement')
    .addOption(json())
    .addOption(runs())
    .addOption(seed())
    .addOption(duration())
    .addOption(plot())
    .addOption(new Option('--capture <run>', 'replay this recorded run instead of making one'))
    .addHelpText('after', '\nExample:\n  joulespan demo --seed 3 --plot demo.svg\n')
    .action(async (options) => (await import('./commands/demo.ts')).demo(options))

  sub(program, 'record <recipe.yaml>', 'record a run: sensor, runner, journal, dataset')
    .addOption(new Option('--port <path>', 'serial port of the sensor, or virtual').env('JOULESPAN_PORT'))
    .addOption(new Option('--events <endpoint>', 'attach to the runner that publishes here'))
    .addOption(new Option('--requests <endpoint>', 'request endpoint of that runner'))
    .addOption(new Option('--no-runner', 'record power alone'))
    .addOption(new Option('--tflite <path>', "TFLite's C library, with backend cpu or edgetpu"))
    .addOption(new Option('--edgetpu <path>', 'libedgetpu, with backend edgetpu'))
    .addOption(duration())
    .addOption(set())
    .addOption(json())
    .addOption(runs())
    .addOption(seed())
    .addOption(plot())
    .addHelpText('after', '\nExample:\n  joulespan record pipelines/uno-attach.yaml --port /dev/ttyACM0\n')
    .action(async (recipe, options) => (await import('./commands/record.ts')).record(recipe, options))

  sub(program, 'emulate <recipe.yaml>', 'the same run on the virtual testbed in simulated time, as fast as it goes')
    .addOption(duration())
    .addOption(set())
    .addOption(json())
    .addOption(runs())
    .addOption(seed())
    .addOption(plot())
    .addOption(new Option('--run-id <id>', 'name of the run; by default the recipe and the seed'))
    .addHelpText('after', '\nExample:\n  joulespan emulate pipelines/two-models.yaml --seed 5 --duration "60 s"\n')
    .action(async (recipe, options) => (await import('./commands/emulate.ts')).emulate(recipe, options))

  sub(program, 'replay <run>', 'make the dataset of a run from its journal once more, and compare')
    .addOption(new Option('--out <folder>', 'keep the new tables here'))
    .addOption(json())
    .addOption(runs())
    .addHelpText('after', '\nExample:\n  joulespan replay data/runs/20261123T204001Z-demo-7k3f\n')
    .action(async (run, options) => (await import('./commands/replay.ts')).replay(run, options))

  sub(program, 'recover <run>', 'make the dataset of a run that was cut off')
    .addOption(json())
    .addOption(runs())
    .addHelpText('after', '\nExample:\n  joulespan recover data/runs/20261123T204001Z-demo-7k3f\n')
    .action(async (run, options) => (await import('./commands/recover.ts')).recover(run, options))

  sub(program, 'inspect [run]', 'tables of a run in the terminal; without a run, the list of runs')
    .addOption(new Option('--rows <n>', 'inferences to show').default(10).argParser(wholeNumber('--rows')))
    .addOption(json())
    .addOption(runs())
    .addOption(plot())
    .addHelpText('after', '\nExample:\n  joulespan inspect data/runs/20261123T204001Z-demo-7k3f --rows 20\n')
    .action(async (run, options) => (await import('./commands/inspect.ts')).inspect(run, options))

  sub(program, 'bench <campaign.yaml>', 'a campaign: many trials, measured in several passes, resumable')
    .addOption(new Option('--out <folder>', 'the campaign folder; by default data/campaigns/<name>'))
    .addOption(new Option('--quick', 'the short form of the file: to see that all works, not to publish'))
    .addOption(new Option('--resume', 'go on with a campaign that was cut off'))
    .addOption(new Option('--yes', 'also where it is more than a thousand measurements'))
    .addOption(new Option('--dry-run', 'check the file, say what it takes, and measure nothing'))
    .addOption(new Option('--jobs <n>', 'measurements at once, offline').argParser(wholeNumber('--jobs')))
    .addOption(json())
    .addHelpText('after', '\nExample:\n  joulespan bench pipelines/campaigns/depth-sweep.yaml --quick\n')
    .action(async (file, options) => (await import('./commands/bench.ts')).bench(file, options))

  sub(
    program,
    'compare <a> <b>',
    'two campaigns, trials (<campaign>:<trial>) or runs: differences with intervals and a rank test',
  )
    .addOption(new Option('--fail-if <change...>', 'exit code 6 where a figure changes so, such as "energy_j>+3%"'))
    .addOption(json())
    .addHelpText(
      'after',
      '\nExample:\n  joulespan compare data/campaigns/old data/campaigns/new --fail-if "energy_j>+3%"\n',
    )
    .action(async (a, b, options) => (await import('./commands/compare.ts')).compare(a, b, options))

  sub(program, 'report <campaign|run>', 'one HTML file that needs nothing else: figures, uncertainty, rules, tables')
    .addOption(new Option('--out <file.html>', 'by default <name>-report.html in the working folder'))
    .addOption(new Option('--figures <folder>', 'also each figure as SVG'))
    .addOption(json())
    .addOption(runs())
    .addHelpText('after', '\nExample:\n  joulespan report data/campaigns/depth-sweep --figures figures\n')
    .action(async (path, options) => (await import('./commands/report.ts')).report(path, options))

  const model = sub(program, 'model', 'what networks take on a card, without one')
  sub(model, 'predict', 'time of each stage, latency and throughput by the timing model (docs/card.md)')
    .requiredOption('--spec <file.json>', 'the network (docs/model-spec.md)')
    .addOption(new Option('--devices <n>', 'devices in one pipeline').argParser(wholeNumber('--devices')))
    .addOption(new Option('--partition <RxD>', 'replicas x depth, such as 2x4 or 3x2+2'))
    .addOption(
      new Option('--segment-by <rule>', 'even in parameters, as the compiler, or in time')
        .choices(['params', 'time'])
        .default('params'),
    )
    .addOption(
      new Option('--queue-ms <ms>', 'what the host adds to each stage; 0.247 for a pycoral pipeline')
        .argParser(milliseconds('--queue-ms'))
        .default(0),
    )
    .addOption(json())
    .addHelpText('after', '\nExample:\n  joulespan model predict --spec data/models/resnet50.json --devices 4\n')
    .action(async (options) => (await import('./commands/model.ts')).predict(options))
  sub(model, 'list', 'the networks that come with joulespan')
    .addOption(json())
    .addHelpText('after', '\nExample:\n  joulespan model list\n')
    .action(async (options) => (await import('./commands/model.ts')).listModels(options))

  sub(program, 'timebase <source>', 'from device ticks to host time: refit the map of a run, or of stored pairs')
    .addOption(new Option('--tick-hz <f>', 'ticks a second; a run knows its own').argParser(aboveZero('--tick-hz')))
    .addOption(new Option('--oscillator <class>', 'sets the declared drift limit').choices(['crystal', 'resonator']))
    .addOption(
      new Option('--mode <mode>', 'online: as it was known then; two-pass: from both sides')
        .choices(['online', 'two-pass'])
        .default('two-pass'),
    )
    .addOption(new Option('--floor-up-ns <n>', 'certified least delay up').argParser(notNegative('--floor-up-ns')))
    .addOption(
      new Option('--floor-down-ns <n>', 'certified least delay down').argParser(notNegative('--floor-down-ns')),
    )
    .addOption(
      new Option('--host-slew-ppm <n>', "slew of the host's clock, where no clock probe ran").argParser(
        notNegative('--host-slew-ppm'),
      ),
    )
    .addOption(new Option('--query <file>', 'ticks to place on host time, tick[,boot] a line'))
    .addOption(json())
    .addOption(runs())
    .addHelpText(
      'after',
      '\nExample:\n  joulespan timebase pairs.jsonl --tick-hz 2e6 --oscillator resonator --query ticks.txt\n',
    )
    .action(async (source, options) => (await import('./commands/timebase.ts')).timebase(source, options))

  sub(program, 'profile <run>', 'power of one inference over its time, folded from the samples of all')
    .addOption(new Option('--model <name>', 'of this model; needed where a run has several'))
    .addOption(
      new Option('--segment <n>', 'executions of this segment instead of whole inferences').argParser(
        wholeNumber('--segment'),
      ),
    )
    .addOption(new Option('--bins <n>', 'bins of the profile').default(40).argParser(wholeNumber('--bins', 2)))
    .addOption(new Option('--out <profile.parquet>', 'also write the bins as a table'))
    .addOption(new Option('--plot <file.svg>', 'also draw the profile'))
    .addOption(json())
    .addOption(runs())
    .addHelpText(
      'after',
      '\nExample:\n  joulespan profile data/runs/20261123T204001Z-demo-7k3f --model mobilenet --plot profile.svg\n',
    )
    .action(async (run, options) => (await import('./commands/profile.ts')).profile(run, options))

  withAttributeOptions(
    sub(
      program,
      'attribute',
      'energy per inference from power and spans of any other instrument: tables in, tables out',
    ),
  )
    .addOption(json())
    .addHelpText(
      'after',
      `
A figure for one rail of several: --gain-u v12=0.01,v3=0.02. Columns and rules: docs/attribute.md.

Example:
  joulespan attribute --power scope.csv --spans spans.jsonl --out energy --gain-u 0.01
`,
    )
    .action(async (options) => (await import('./commands/attribute.ts')).attribute(options))

  return program
}

function sub(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .exitOverride(onExit)
    .configureOutput({ writeErr: () => undefined })
}

/** Help and version are answers, everything else that commander stops at is a usage error. */
function onExit(error: CommanderError): never {
  if (error.exitCode === 0) throw error
  throw new JoulespanError('usage', error.message.replace(/^error: /, ''), {
    hint: 'joulespan --help shows what there is',
  })
}
