import { parse } from 'yaml'
import { quantityPattern } from './quantity.ts'
import { RECIPE_SHAPE } from './recipe-shape.ts'
import type { Field, FieldTable, QuantityShape, Shape } from './shape.ts'
import { SPEC_SHAPE } from './spec-shape.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * JSON Schema (draft 7, what editors know best) of a recipe, for completion and checks while typing. It accepts whatever
 * resolveRecipe does; ranges of quantities and what ties parts of a recipe together only that tells.
 */
export function recipeSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'joulespan recipe',
    description: 'Generated from src/recipe/recipe-shape.ts; docs/recipes.md explains it.',
    ...schemaOf(RECIPE_SHAPE),
  }
}

/** pipelines/recipe.schema.json as it is kept. */
export function recipeSchemaText(): string {
  return `${JSON.stringify(recipeSchema(), undefined, 2)}\n`
}

/** data/models/spec.schema.json as it is kept. */
export function specSchemaText(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'joulespan model spec',
    description: 'Generated from src/recipe/spec-shape.ts; docs/model-spec.md explains it.',
    ...schemaOf(SPEC_SHAPE),
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

export function schemaOf(shape: Shape): JsonSchema {
  switch (shape.type) {
    case 'quantity':
      return quantitySchema(shape)
    case 'integer':
      return { type: 'integer', minimum: shape.min, maximum: shape.max }
    case 'number':
      return { type: 'number', minimum: shape.min, maximum: shape.max, examples: [shape.example] }
    case 'text':
      return { type: 'string', pattern: shape.pattern, examples: [shape.example] }
    case 'scalar':
      return { type: ['string', 'number'], examples: [shape.example] }
    case 'choice':
      return { enum: shape.words }
    case 'list':
      return { type: 'array', items: schemaOf(shape.item), minItems: shape.min, maxItems: shape.max }
    case 'mapping':
      return { ...fieldsSchema(shape.fields), ...exclusion(shape.exclusive) }
    case 'dictionary':
      return { type: 'object', additionalProperties: schemaOf(shape.item) }
    case 'variants':
      return {
        type: 'object',
        required: [shape.tag],
        oneOf: Object.entries(shape.variants).map(([word, { about, fields }]) => {
          const { type, properties, required, additionalProperties } = fieldsSchema(fields)
          const tag = { const: word, description: about }
          return {
            type,
            properties: { [shape.tag]: tag, ...(properties as object) },
            required: [shape.tag, ...((required as string[] | undefined) ?? [])],
            additionalProperties,
          }
        }),
      }
  }
}

function exclusion(keys: readonly string[]): JsonSchema {
  if (keys.length === 0) return {}
  return { oneOf: keys.map((key) => ({ type: 'object', required: [key], properties: { [key]: {} } })) }
}

function quantitySchema({ dimension, min, example, names }: QuantityShape): JsonSchema {
  const plain = { type: 'string', pattern: quantityPattern(dimension, min.startsWith('-')), examples: [example] }
  return names.length === 0 ? plain : { anyOf: [{ enum: names }, plain] }
}

function fieldsSchema(fields: FieldTable): JsonSchema {
  const entries = Object.entries(fields)
  const required = entries.filter(([, { presence }]) => presence.is === 'required').map(([key]) => key)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([key, field]) => [key, fieldSchema(field)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

function fieldSchema({ shape, about, presence }: Field): JsonSchema {
  const schema = schemaOf(shape)
  switch (presence.is) {
    case 'required':
      return { description: about, ...schema }
    case 'optional':
      return { description: `${about} (without it: ${presence.means})`, ...schema }
    case 'defaulted':
      return {
        description: about,
        default: parse(presence.text) as unknown,
        ...schema,
        // a key whose lines are all commented out
        ...(shape.type === 'mapping' ? { type: ['object', 'null'] } : {}),
      }
  }
}
