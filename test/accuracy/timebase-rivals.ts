// What else is in use, on the same data: errors at every frame, s. None of them states a bound that holds.
import type { LinkTrace } from '../support/link-models.ts'

/** A frame is taken to have been stamped when it came. */
export function byArrival({ frames }: LinkTrace): Float64Array {
  return frames.arrivedS.map((arrived, i) => arrived - (frames.sentS[i] as number))
}

/** Offset of the ping with the shortest round trip of the last eight, held until the next; the way of LSL. */
export function byLeastRoundTrip({ frames, pings }: LinkTrace): Float64Array {
  const { roundTripS, offsetS } = exchanges(pings)
  let known = 0
  let offset = Number.NaN
  return frames.arrivedS.map((arrived, i) => {
    for (; known < pings.knownS.length && (pings.knownS[known] as number) <= arrived; known++) {
      let best = known
      for (let k = Math.max(0, known - 7); k < known; k++)
        if ((roundTripS[k] as number) < (roundTripS[best] as number)) best = k
      offset = offsetS[best] as number
    }
    return (frames.d[i] as number) + offset - (frames.sentS[i] as number)
  })
}

/** A least-squares line through the arrivals of the last 60 s, every second anew. */
export function byRegression({ frames }: LinkTrace): Float64Array {
  const error = new Float64Array(frames.d.length).fill(Number.NaN)
  let start = 0
  let next = 0
  for (let s = 1; next < frames.d.length; s++) {
    while ((frames.arrivedS[start] as number) < s - 60) start++
    const end = frames.arrivedS.findIndex((arrived) => arrived >= s)
    const line = end - start < 3 ? undefined : fitLine(frames.d, frames.arrivedS, start, end)
    for (; next < frames.d.length && (frames.arrivedS[next] as number) < s + 1; next++)
      if (line !== undefined) error[next] = line(frames.d[next] as number) - (frames.sentS[next] as number)
    if (end === -1) break
  }
  return error
}

/** One robust line through the best of every eight pings of the whole recording; the way of pyxdf. */
export function byGlobalLine({ frames, pings }: LinkTrace): Float64Array {
  const { roundTripS, offsetS } = exchanges(pings)
  const d: number[] = []
  const v: number[] = []
  for (let k = 0; k + 8 <= roundTripS.length; k += 8) {
    let best = k
    for (let i = k; i < k + 8; i++) if ((roundTripS[i] as number) < (roundTripS[best] as number)) best = i
    d.push(pings.d[best] as number)
    v.push((pings.d[best] as number) + (offsetS[best] as number))
  }
  const weights = new Float64Array(d.length).fill(1)
  let line = fitLine(d, v, 0, d.length, weights)
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < d.length; i++)
      weights[i] = Math.min(1, 1e-4 / Math.max(1e-9, Math.abs((v[i] as number) - line(d[i] as number))))
    line = fitLine(d, v, 0, d.length, weights)
  }
  return frames.d.map((at, i) => line(at) - (frames.sentS[i] as number))
}

/** Four stamps an exchange: written, seen, answered, read. */
function exchanges({ d, writtenS, repliedD, knownS }: LinkTrace['pings']) {
  const roundTripS = d.map(
    (seen, i) => (knownS[i] as number) - (writtenS[i] as number) - ((repliedD[i] as number) - seen),
  )
  const offsetS = d.map(
    (seen, i) => ((writtenS[i] as number) + (knownS[i] as number)) / 2 - (seen + (repliedD[i] as number)) / 2,
  )
  return { roundTripS, offsetS }
}

function fitLine(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  from: number,
  to: number,
  weights?: Float64Array,
): (x: number) => number {
  const [x0, y0] = [xs[from] as number, ys[from] as number]
  let [w, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0]
  for (let i = from; i < to; i++) {
    const weight = weights?.[i] ?? 1
    const [x, y] = [(xs[i] as number) - x0, (ys[i] as number) - y0]
    w += weight
    sx += weight * x
    sy += weight * y
    sxx += weight * x * x
    sxy += weight * x * y
  }
  const slope = (sxy - (sx * sy) / w) / (sxx - (sx * sx) / w)
  return (x) => y0 + sy / w + slope * (x - x0 - sx / w)
}
