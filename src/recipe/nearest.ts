/** The word a mistyped one was probably meant to be; undefined when none is near. */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
  const reach = Math.max(1, Math.floor(Math.max(typed.length, 4) / 3))
  let best: string | undefined
  let least = reach + 1
  for (const word of words) {
    const distance = editDistance(normal(typed), normal(word))
    if (distance < least) {
      best = word
      least = distance
    }
  }
  return best
}

/** `gapEvery`, `gap-every` and `gap_every` are one word to those who type it. */
function normal(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '')
}

/** Insertions, deletions, substitutions and swaps of neighbours: optimal string alignment (Damerau, CACM 7, 1964). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(substituted, at(last, j) + 1, at(row, j - 1) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, at(before, j - 2) + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], j: number): number {
  return row[j] as number
}
