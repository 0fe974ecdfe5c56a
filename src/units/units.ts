import type { Brand } from './brand.ts'

/**
 * Nanoseconds on the host's CLOCK_MONOTONIC since the origin of the run. Exact as a double up to 2^53 ns, 104 days.
 */
export type HostNs = Brand<'host ns'>

/** Device timer, unwrapped, 0.5 us each on the ATmega328P. */
export type Ticks = Brand<'ticks'>

/** Identity of a sample: epoch base + unwrapped device index, never reused within a run. */
export type SampleIndex = Brand<'sample index'>

export const hostNs = (value: number): HostNs => value as HostNs
export const ticks = (value: number): Ticks => value as Ticks
export const sampleIndex = (value: number): SampleIndex => value as SampleIndex

export const NS_PER_S = 1e9
export const NS_PER_MS = 1e6
export const NS_PER_US = 1e3
