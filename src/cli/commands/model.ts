import { type CardTime, cardTime, type PipelineTime, type PlannedStage } from '../../card/card-time.ts'
import type { Network } from '../../card/network.ts'
import { DEVICES_MAX, deviceCount, parsePartition, partitionText, type Replicas } from '../../card/partition.ts'
import type { SegmentBy } from '../../card/segmentation.ts'
import { MIB } from '../../card/stage-time.ts'
import { JoulespanError } from '../../errors/joulespan-error.ts'
import { cardTiming, knownSpecs, loadSpec } from '../card-data.ts'
import { table } from '../table.ts'

export interface PredictFlags {
  readonly spec: string
  readonly devices?: number
  readonly partition?: string
  readonly segmentBy: SegmentBy
  readonly queueMs: number
  readonly json?: boolean
}

/** What a network takes on a card, by the timing model. */
export function predict(flags: PredictFlags): void {
  const network = loadSpec(flags.spec)
  const replicas = replicasOf(network, flags)
  const time = cardTime(network, { replicas, segmentBy: flags.segmentBy, queueMs: flags.queueMs }, cardTiming())
  process.stdout.write(flags.json ? `${JSON.stringify(document(network, time, flags))}\n` : report(network, time))
}

/** The specs that come with joulespan. */
export function listModels(flags: { readonly json?: boolean }): void {
  const models = knownSpecs().map((path) => ({ path, network: loadSpec(path) }))
  const totals = models.map(({ path, network: { name, input, layers } }) => ({
    spec: path,
    name,
    input,
    layers: layers.length,
    macs: layers.reduce((sum, { macs }) => sum + macs, 0),
    parameter_bytes: layers.reduce((sum, { parameterBytes }) => sum + parameterBytes, 0),
  }))
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ format: 'joulespan.models', version: 1, models: totals })}\n`)
    return
  }
  const rows = totals.map((m) => [
    m.name,
    m.input.join('x'),
    String(m.layers),
    (m.macs / 1e6).toFixed(0),
    mib(m.parameter_bytes),
    m.spec,
  ])
  process.stdout.write(`${table(['model', 'input', 'layers', 'MMAC', 'MiB', 'spec'], rows)}\n`)
}

function replicasOf(network: Network, { devices, partition }: PredictFlags): Replicas[] {
  const replicas = partition === undefined ? undefined : parsePartition(partition)
  if (devices !== undefined && (devices < 1 || devices > DEVICES_MAX))
    throw new JoulespanError('usage', `--devices: expected 1 to ${DEVICES_MAX}, saw ${devices}`)
  if (replicas === undefined) return [{ count: 1, depth: devices ?? network.cuts?.length ?? 1 }]
  const used = deviceCount(replicas)
  if (devices === undefined || devices === used) return replicas
  throw new JoulespanError(
    'usage',
    `--partition: expected ${devices} devices as in --devices, saw ${used} in '${partition}'`,
  )
}

function document(network: Network, time: CardTime, { spec, segmentBy, queueMs }: PredictFlags): object {
  return {
    format: 'joulespan.model-prediction',
    version: 1,
    model: network.name,
    spec,
    devices: deviceCount(time.pipelines),
    partition: partitionText(time.pipelines),
    segment_by: segmentBy,
    queue_ms: queueMs,
    throughput_per_s: rounded(time.throughputPerS),
    uplink_load: rounded(time.uplinkLoad),
    pipelines: time.pipelines.map((pipeline) => ({
      count: pipeline.count,
      depth: pipeline.depth,
      steady_latency_ms: rounded(pipeline.steadyLatencyMs),
      first_latency_ms: rounded(pipeline.firstLatencyMs),
      period_ms: rounded(pipeline.periodMs),
      throughput_per_s: rounded(pipeline.throughputPerS),
      stages: pipeline.stages.map(stageDocument),
    })),
  }
}

function stageDocument(stage: PlannedStage): object {
  const { layers, time } = stage
  return {
    first_layer: layers[0]?.name,
    last_layer: layers.at(-1)?.name,
    layers: layers.length,
    macs: macsOf(stage),
    parameter_bytes: layers.reduce((sum, { parameterBytes }) => sum + parameterBytes, 0),
    on_chip_bytes: Math.round(time.placement.onChipBytes),
    off_chip_bytes: Math.round(time.placement.offChipBytes),
    streamed_bytes: Math.round(time.streamedBytes),
    placement: time.placement.isReported ? 'reported' : 'predicted',
    input_bytes: stage.inputBytes,
    output_bytes: stage.outputBytes,
    transfer_in_ms: rounded(time.transferInMs),
    compute_ms: rounded(time.computeMs),
    array_ms: rounded(time.arrayMs),
    transfer_out_ms: rounded(time.transferOutMs),
    steady_ms: rounded(time.steadyMs),
    load_ms: rounded(time.loadMs),
    first_ms: rounded(time.firstMs),
  }
}

function report(network: Network, time: CardTime): string {
  const devices = deviceCount(time.pipelines)
  const head = `${network.name} on ${devices} device${devices === 1 ? '' : 's'}, partition ${partitionText(time.pipelines)}: ${perSecond(time.throughputPerS)}\n`
  const busy = time.uplinkLoad > 1 ? 'the bus of the card is the limit: it stretches every period\n' : ''
  return `${head}${busy}${time.pipelines.map(pipelineReport).join('')}`
}

function pipelineReport(pipeline: PipelineTime): string {
  const rows = pipeline.stages.map((stage, i) => {
    const { placement, ...time } = stage.time
    return [
      String(i),
      `${stage.layers[0]?.name} .. ${stage.layers.at(-1)?.name}`,
      (macsOf(stage) / 1e6).toFixed(0),
      mib(placement.onChipBytes),
      mib(placement.offChipBytes),
      time.transferInMs.toFixed(3),
      time.computeMs.toFixed(3),
      time.transferOutMs.toFixed(3),
      time.steadyMs.toFixed(3),
      time.firstMs.toFixed(3),
    ]
  })
  const head = [
    'stage',
    'layers',
    'MMAC',
    'on chip MiB',
    'off chip MiB',
    'in ms',
    'compute ms',
    'out ms',
    'steady ms',
    'first ms',
  ]
  const { count, depth, periodMs, steadyLatencyMs, firstLatencyMs } = pipeline
  const figures = `latency ${steadyLatencyMs.toFixed(3)} ms steady, ${firstLatencyMs.toFixed(3)} ms first; one each ${periodMs.toFixed(3)} ms`
  return `\n${count} x ${depth}: ${figures}, ${perSecond(pipeline.throughputPerS)}\n${table(head, rows)}\n`
}

function macsOf({ layers }: PlannedStage): number {
  return layers.reduce((sum, { macs }) => sum + macs, 0)
}

function perSecond(rate: number): string {
  return `${rate.toPrecision(4)} inferences/s`
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(2)
}

/** A model of 1 % needs no more than six digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
