/** An SVG element as text; numbers are cut to two decimals, which is a hundredth of a pixel. */
export function element(name: string, attributes: Record<string, string | number>, ...content: string[]): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? Number(value.toFixed(2)) : escaped(value)}"`)
    .join('')
  return content.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${content.join('')}</${name}>`
}

export function text(x: number, y: number, words: string, attributes: Record<string, string | number> = {}): string {
  return element('text', { x, y, ...attributes }, escaped(words))
}

/** A line through points given as columns. */
export function polyline(
  xs: readonly number[],
  ys: readonly number[],
  attributes: Record<string, string | number>,
): string {
  const points = xs.map((x, i) => `${x.toFixed(1)},${(ys[i] as number).toFixed(1)}`).join(' ')
  return element('polyline', { points, fill: 'none', ...attributes })
}

/** From a range of values to a range of pixels. */
export type Scale = (value: number) => number

export function linear(from: number, to: number, pixelFrom: number, pixelTo: number): Scale {
  return (value) => pixelFrom + ((value - from) / (to - from)) * (pixelTo - pixelFrom)
}

/** About `count` round values from low to high: 1, 2 or 5 times a power of ten apart. */
export function ticksBetween(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power
  const ticks: number[] = []
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step) ticks.push(tick)
  return ticks
}

export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
