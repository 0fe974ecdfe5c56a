import { DIMENSIONS } from './quantity.ts'
import { RECIPE_SHAPE } from './recipe-shape.ts'
import type { Field, FieldTable, Shape } from './shape.ts'
import { SPEC_SHAPE } from './spec-shape.ts'
import { alternatives } from './wording.ts'

const END = '<!-- end of keys -->'

/** docs/recipes.md with its list of keys made anew. */
export function withReference(markdown: string): string {
  return withKeys(markdown, 'docs/recipes.md', 'recipe-shape.ts', recipeReference())
}

/** docs/model-spec.md likewise. */
export function withSpecReference(markdown: string): string {
  return withKeys(markdown, 'docs/model-spec.md', 'spec-shape.ts', sectionsOf('', SPEC_SHAPE, 'The spec').join('\n'))
}

/** `markdown` with what stands between its markers made anew; `source` is below src/recipe unless it names a folder. */
export function withKeys(markdown: string, file: string, source: string, keys: string): string {
  const from = source.includes('/') ? source : `recipe/${source}`
  const opening = `<!-- keys: generated from src/${from} -->`
  const begin = markdown.indexOf(opening)
  const end = markdown.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${file}: expected the lines ${opening} and ${END}`)
  return `${markdown.slice(0, begin + opening.length)}\n\n${keys}\n${markdown.slice(end)}`
}

/** Every key of a recipe: meaning, how it is written, default. */
export function recipeReference(): string {
  return [unitsTable(), ...sectionsOf('', RECIPE_SHAPE)].join('\n')
}

function unitsTable(): string {
  const rows = Object.values(DIMENSIONS).map(({ noun, units }) => {
    const names = Object.keys(units).map((unit) => `\`${unit}\``)
    return `| ${noun} | ${names.join(', ')} |\n`
  })
  return `| quantity | units |\n|---|---|\n${rows.join('')}`
}

export function sectionsOf(path: string, shape: Shape, title = 'The recipe'): string[] {
  switch (shape.type) {
    case 'list':
      return sectionsOf(`${path}[]`, shape.item)
    case 'dictionary':
      return sectionsOf(`${path}.<${shape.keyNoun}>`, shape.item)
    case 'mapping':
      return [section(path === '' ? title : `\`${path}\``, shape.fields), ...below(path, shape.fields)]
    case 'variants':
      return [
        `### \`${path}\`\n\nOne of the following, by its \`${shape.tag}\`.\n`,
        ...Object.entries(shape.variants).map(([word, { about, fields }]) => {
          const table = Object.keys(fields).length === 0 ? '' : `\n${tableOf(fields)}`
          return `\`${shape.tag}: ${word}\`: ${about}\n${table}`
        }),
      ]
    default:
      return []
  }
}

function section(title: string, fields: FieldTable): string {
  return `### ${title}\n\n${tableOf(fields)}`
}

function below(path: string, fields: FieldTable): string[] {
  return Object.entries(fields).flatMap(([key, { shape }]) => sectionsOf(path === '' ? key : `${path}.${key}`, shape))
}

function tableOf(fields: FieldTable): string {
  const rows = Object.entries(fields).map(
    ([key, field]) => `| \`${key}\` | ${field.about} | ${formOf(field.shape)} | ${defaultOf(field)} |\n`,
  )
  return `| key | meaning | written as | default |\n|---|---|---|---|\n${rows.join('')}`
}

function formOf(shape: Shape): string {
  switch (shape.type) {
    case 'quantity': {
      const forms = [...shape.names, shape.example].map((form) => `\`${form}\``)
      return `${alternatives(forms)}; ${DIMENSIONS[shape.dimension].noun}, ${shape.min} to ${shape.max}`
    }
    case 'integer':
      return shape.min === shape.max ? `\`${shape.min}\`` : `${shape.noun}, ${shape.min} to ${shape.max}`
    case 'number':
      return `\`${shape.example}\`; ${shape.min} to ${shape.max}`
    case 'text':
      return `${shape.noun}, \`${shape.example}\``
    case 'scalar':
      return `${shape.noun}, \`${shape.example}\``
    case 'choice':
      return alternatives(shape.words.map((word) => `\`${word}\``))
    case 'list': {
      const { item } = shape
      const inner = item.type === 'mapping' ? '' : `, each ${formOf(item)}`
      return `list of ${shape.min === shape.max ? shape.min : `${shape.min} to ${shape.max}`} ${shape.noun}s${inner}`
    }
    case 'mapping':
    case 'variants':
      return 'mapping, below'
    case 'dictionary':
      return `mapping by ${shape.keyNoun}, below`
  }
}

function defaultOf({ presence, shape }: Field): string {
  switch (presence.is) {
    case 'required':
      return 'required'
    case 'optional':
      return presence.means
    case 'defaulted':
      if (shape.type === 'text') return presence.text === '""' ? 'empty' : `\`${presence.text}\``
      return shape.type === 'mapping' ? 'all defaults' : `\`${presence.text}\``
  }
}
