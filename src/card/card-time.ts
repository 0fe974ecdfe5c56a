import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Layer } from './layer.ts'
import { type Cut, type Network, transfersOf } from './network.ts'
import type { Replicas } from './partition.ts'
import { type SegmentBy, segmentNetwork, stageTimer } from './segmentation.ts'
import { MIB, type StageTime, type TimingParameters } from './stage-time.ts'

export interface CardOptions {
  readonly replicas: readonly Replicas[]
  readonly segmentBy: SegmentBy
  /** What the host adds to each stage between two invoke calls. */
  readonly queueMs: number
}

/** A network on a card: pipelines side by side, each fed as fast as it takes. */
export interface CardTime {
  readonly pipelines: readonly PipelineTime[]
  readonly throughputPerS: number
  /** Of what the card can carry to its devices: 1 is all. */
  readonly uplinkLoad: number
}

export interface PipelineTime extends Replicas {
  readonly stages: readonly PlannedStage[]
  /** Of one inference that finds the pipeline empty. */
  readonly steadyLatencyMs: number
  /** The same when no device holds its parameters yet, all pipelines at once. */
  readonly firstLatencyMs: number
  /** From one output to the next when the pipeline is never out of work. */
  readonly periodMs: number
  /** Of all replicas together. */
  readonly throughputPerS: number
}

export interface PlannedStage {
  readonly start: number
  readonly end: number
  readonly layers: readonly Layer[]
  readonly inputBytes: number
  readonly outputBytes: number
  readonly time: StageTime
}

export function cardTime(network: Network, options: CardOptions, timing: TimingParameters): CardTime {
  const { replicas, queueMs } = options
  const planned = replicas.map((part) => planStages(network, part.depth, options.segmentBy, timing))
  const loading = replicas.reduce((sum, { count }) => sum + count, 0)
  const bare = replicas.map((part, i) => pipelineTime(part, planned[i] as PlannedStage[], queueMs))
  const load = uplinkLoad(bare, timing)
  // Fluid limit: what the uplink cannot carry in time stretches every period alike.
  const stretch = Math.max(1, load)
  const loadStretch = Math.max(1, (loading * 1e3) / timing.busMsPerMib / timing.uplinkMibPerS)
  const pipelines = bare.map((pipeline) => {
    const loadMs = pipeline.stages.reduce((sum, { time }) => sum + time.loadMs, 0)
    return {
      ...pipeline,
      periodMs: pipeline.periodMs * stretch,
      throughputPerS: pipeline.throughputPerS / stretch,
      firstLatencyMs: pipeline.steadyLatencyMs + loadMs * loadStretch,
    }
  })
  return {
    pipelines,
    throughputPerS: pipelines.reduce((sum, { throughputPerS }) => sum + throughputPerS, 0),
    uplinkLoad: load,
  }
}

/** The network cut for a pipeline of `depth` devices, with the time of each stage. */
export function planStages(network: Network, depth: number, by: SegmentBy, timing: TimingParameters): PlannedStage[] {
  const cuts = cutsFor(network, depth, by, timing)
  const stageOf = stageTimer(network, timing)
  const transferOf = transfersOf(network)
  return cuts.map(({ end, reported }, i) => {
    const start = i === 0 ? 0 : (cuts[i - 1] as Cut).end
    return {
      start,
      end,
      layers: network.layers.slice(start, end),
      ...transferOf(start, end),
      time: stageOf(start, end, reported),
    }
  })
}

function cutsFor(network: Network, depth: number, by: SegmentBy, timing: TimingParameters): readonly Cut[] {
  const { cuts } = network
  if (cuts !== undefined && cuts.length === depth) return cuts
  if (cuts === undefined || cuts.length === 1) return segmentNetwork(network, depth, by, timing)
  throw new JoulespanError(
    'usage',
    `${network.name}: expected a pipeline of ${cuts.length} devices, one for each segment of the spec, saw ${depth}`,
    { hint: 'give the layers in one list, and the network is cut for any number of devices' },
  )
}

function pipelineTime(part: Replicas, stages: readonly PlannedStage[], queueMs: number): PipelineTime {
  const stageMs = stages.map(({ time }) => time.steadyMs + queueMs)
  const periodMs = Math.max(...stageMs)
  return {
    ...part,
    stages,
    steadyLatencyMs: stageMs.reduce((sum, ms) => sum + ms, 0),
    firstLatencyMs: stages.reduce((sum, { time }) => sum + time.firstMs + queueMs, 0),
    periodMs,
    throughputPerS: (1e3 / periodMs) * part.count,
  }
}

function uplinkLoad(pipelines: readonly PipelineTime[], { uplinkMibPerS }: TimingParameters): number {
  const mibPerS = pipelines.reduce((sum, { stages, throughputPerS }) => {
    const bytes = stages.reduce((total, { time }) => total + time.toDeviceBytes, 0)
    return sum + (bytes / MIB) * throughputPerS
  }, 0)
  return mibPerS / uplinkMibPerS
}
