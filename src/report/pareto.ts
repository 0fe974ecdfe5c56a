export interface Placed {
  readonly x: number
  readonly y: number
}

/** Those that no other beats in one figure without losing in the other; less is better in both; ascending in x. */
export function paretoFront<P extends Placed>(points: readonly P[]): P[] {
  const front: P[] = []
  for (const point of [...points].sort((a, b) => a.x - b.x || a.y - b.y))
    if (front.length === 0 || point.y < (front.at(-1) as P).y) front.push(point)
  return front
}
