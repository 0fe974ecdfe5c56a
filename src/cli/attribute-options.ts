import { type Command, Option } from 'commander'
import { nanoseconds, perRail } from './option-values.ts'

/** What `attribute` can be told. */
export function withAttributeOptions(command: Command): Command {
  return command
    .requiredOption('--power <file>', 'CSV or Parquet: t_ns and a column <rail>_w for each rail')
    .requiredOption('--spans <file>', 'CSV, Parquet or JSONL: inference_id, device, model, segment, start_ns, end_ns')
    .requiredOption('--out <folder>', 'where the tables go; empty or new')
    .addOption(new Option('--force', 'write into a folder that holds files already'))
    .addOption(
      new Option('--gain-u <u>', 'relative standard uncertainty of the power')
        .default(0)
        .argParser(perRail('--gain-u')),
    )
    .addOption(
      new Option(
        '--offset-u-w <W>',
        'standard uncertainty of the zero of the power; cancels where idle power is measured',
      )
        .default(0)
        .argParser(perRail('--offset-u-w')),
    )
    .addOption(
      new Option(
        '--noise-w <W>',
        'standard deviation of a sample, taken as white; default: estimated in idle time',
      ).argParser(perRail('--noise-w')),
    )
    .addOption(
      new Option('--idle-w <W>', 'idle power as a given figure; default: measured between the spans').argParser(
        perRail('--idle-w', () => true),
      ),
    )
    .addOption(
      new Option('--delay-ns <ns>', 'group delay of the sensor: taken off t_ns')
        .default(0)
        .argParser(nanoseconds('--delay-ns', Number.NEGATIVE_INFINITY)),
    )
    .addOption(
      new Option('--delay-u-ns <ns>', 'its standard uncertainty').default(0).argParser(nanoseconds('--delay-u-ns')),
    )
    .addOption(
      new Option('--time-constant-ns <ns>', "of the sensor's filter")
        .default(0)
        .argParser(nanoseconds('--time-constant-ns')),
    )
    .addOption(
      new Option('--align-bound-ns <ns>', 'bound of the error between both clocks')
        .default(0)
        .argParser(nanoseconds('--align-bound-ns')),
    )
    .addOption(
      new Option(
        '--lead-ns <ns>',
        'power may show so long before a start; default: 2 periods + bound + 3 u of the delay',
      ).argParser(nanoseconds('--lead-ns')),
    )
    .addOption(
      new Option('--tail-ns <ns>', 'and so long after an end; default: the same + 5 time constants').argParser(
        nanoseconds('--tail-ns'),
      ),
    )
}
