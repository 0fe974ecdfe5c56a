import { parse } from 'yaml'
import { DIMENSIONS, parseQuantity } from '../../src/recipe/quantity.ts'
import type { FieldTable, QuantityShape, Shape } from '../../src/recipe/shape.ts'
import type { Random } from '../../src/units/random.ts'

/** A value the shape takes, drawn at random; what ties parts of a recipe to each other is not looked at. */
export function randomValue(shape: Shape, random: Random): unknown {
  switch (shape.type) {
    case 'quantity':
      return randomQuantity(shape, random)
    case 'integer':
      return shape.min + Math.floor(random() * Math.min(20, shape.max - shape.min + 1))
    case 'number':
      return shape.min + random() * (shape.max - shape.min)
    case 'text':
      return shape.example
    case 'choice':
      return pick(shape.words, random)
    case 'list':
      return Array.from({ length: shape.min + Math.floor(random() * Math.min(3, shape.max - shape.min + 1)) }, () =>
        randomValue(shape.item, random),
      )
    case 'mapping': {
      const { fields, exclusive } = shape
      if (exclusive.length === 0) return randomFields(fields, random)
      const key = pick(exclusive, random)
      const others = Object.entries(fields).filter(([name]) => !exclusive.includes(name))
      const chosen = { [key]: randomValue((fields[key] as { shape: Shape }).shape, random) }
      return { ...chosen, ...randomFields(Object.fromEntries(others), random) }
    }
    case 'dictionary':
      return random() < 0.5 ? {} : { v12: randomValue(shape.item, random) }
    case 'variants': {
      const word = pick(Object.keys(shape.variants), random)
      return { [shape.tag]: word, ...randomFields((shape.variants[word] as { fields: FieldTable }).fields, random) }
    }
  }
}

function randomFields(fields: FieldTable, random: Random): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [key, { shape, presence }] of Object.entries(fields)) {
    if (presence.is !== 'required' && random() < 0.4) continue
    const isDefault = presence.is === 'defaulted' && random() < 0.3
    values[key] = isDefault ? parse(presence.text) : randomValue(shape, random)
  }
  return values
}

/** Within the bounds, in any unit that shows it well. */
function randomQuantity({ dimension, min, max, example, names }: QuantityShape, random: Random): string {
  if (names.length > 0 && random() < 0.5) return pick(names, random)
  if (random() < 0.3) return pick([example, min, max], random)
  const unit = pick(Object.keys(DIMENSIONS[dimension].units), random)
  const [least, most] = [min, max].map((bound) => parseQuantity(bound, dimension, unit) as number) as [number, number]
  const value = least + random() ** 4 * (most - least)
  const text = value.toFixed(6)
  return Number(text) >= least && Number(text) <= most ? `${text} ${unit}` : example
}

export function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)] as T
}
