import type { Dimension, UnitOf } from './quantity.ts'

/**
 * What may stand at one place of a recipe, as data: reading it (read-shape.ts), the JSON Schema of editors (json-schema.ts) and
 * the tables of docs/recipes.md (reference.ts) all follow from this one declaration.
 */
export type Shape =
  | QuantityShape
  | IntegerShape
  | NumberShape
  | TextShape
  | ScalarShape
  | ChoiceShape
  | ListShape
  | MappingShape
  | DictionaryShape
  | VariantsShape

/** Text such as `12 V`; the value is a number in `unit`. */
export interface QuantityShape<Names extends string = string> {
  readonly type: 'quantity'
  readonly dimension: Dimension
  readonly unit: string
  readonly example: string
  /** Bounds, written as people would. */
  readonly min: string
  readonly max: string
  /** Words accepted instead of a quantity; the value is then the word. */
  readonly names: readonly Names[]
}

export interface IntegerShape {
  readonly type: 'integer'
  readonly noun: string
  readonly min: number
  readonly max: number
}

/** A pure number: of what has no unit and is not written as a ratio. */
export interface NumberShape {
  readonly type: 'number'
  readonly noun: string
  readonly example: number
  readonly min: number
  readonly max: number
}

export interface TextShape {
  readonly type: 'text'
  /** What is expected, such as `a name of lower-case letters`. */
  readonly noun: string
  readonly pattern: string
  readonly example: string
}

/** A text or a number, kept as it was written. */
export interface ScalarShape {
  readonly type: 'scalar'
  readonly noun: string
  readonly example: string
}

export interface ChoiceShape<Words extends string = string> {
  readonly type: 'choice'
  readonly words: readonly Words[]
}

export interface ListShape<Item extends Shape = Shape> {
  readonly type: 'list'
  /** What one item is called, such as `rail`. */
  readonly noun: string
  readonly item: Item
  readonly min: number
  readonly max: number
}

export interface MappingShape<Fields extends FieldTable = FieldTable> {
  readonly type: 'mapping'
  readonly noun: string
  readonly fields: Fields
  /** These keys exclude each other, and one of them must stand there; empty: none do. */
  readonly exclusive: readonly string[]
}

/** A mapping whose keys are names the recipe gives elsewhere. */
export interface DictionaryShape<Item extends Shape = Shape> {
  readonly type: 'dictionary'
  readonly noun: string
  readonly keyNoun: string
  readonly item: Item
}

/** A mapping whose keys depend on the word under `tag`. */
export interface VariantsShape<Tag extends string = string, Variants extends VariantTable = VariantTable> {
  readonly type: 'variants'
  readonly noun: string
  readonly tag: Tag
  readonly about: string
  readonly variants: Variants
}

export type VariantTable = Readonly<Record<string, { readonly about: string; readonly fields: FieldTable }>>
export type FieldTable = Readonly<Record<string, Field>>

export interface Field<S extends Shape = Shape, P extends Presence = Presence> {
  readonly shape: S
  /** Meaning, for docs and editors. */
  readonly about: string
  readonly presence: P
}

export type Presence =
  | { readonly is: 'required' }
  /** May be missing; `means` says what then holds. */
  | { readonly is: 'optional'; readonly means: string }
  /** Missing reads like this text; `{}` is a mapping with all its defaults. */
  | { readonly is: 'defaulted'; readonly text: string }

type Required = { readonly is: 'required' }
type Optional = { readonly is: 'optional'; readonly means: string }
type Defaulted = { readonly is: 'defaulted'; readonly text: string }

export function required<S extends Shape>(shape: S, about: string): Field<S, Required> {
  return { shape, about, presence: { is: 'required' } }
}

export function optional<S extends Shape>(shape: S, about: string, means: string): Field<S, Optional> {
  return { shape, about, presence: { is: 'optional', means } }
}

export function defaulted<S extends Shape>(shape: S, text: string, about: string): Field<S, Defaulted> {
  return { shape, about, presence: { is: 'defaulted', text } }
}

export function quantity<D extends Dimension>(
  dimension: D,
  unit: UnitOf<D>,
  [min, max]: readonly [string, string],
  example: string,
): QuantityShape<never> {
  return { type: 'quantity', dimension, unit, example, min, max, names: [] }
}

/** A quantity, or one of the words that stand for one. */
export function namedQuantity<Names extends string>(
  names: readonly Names[],
  plain: QuantityShape<never>,
): QuantityShape<Names> {
  return { ...plain, names }
}

export function integer(noun: string, min: number, max: number): IntegerShape {
  return { type: 'integer', noun, min, max }
}

export function pureNumber(noun: string, [min, max]: readonly [number, number], example: number): NumberShape {
  return { type: 'number', noun, min, max, example }
}

export function text(noun: string, pattern: string, example: string): TextShape {
  return { type: 'text', noun, pattern, example }
}

export function scalar(noun: string, example: string): ScalarShape {
  return { type: 'scalar', noun, example }
}

export function choice<const Words extends string>(words: readonly Words[]): ChoiceShape<Words> {
  return { type: 'choice', words }
}

export function list<Item extends Shape>(noun: string, item: Item, min: number, max: number): ListShape<Item> {
  return { type: 'list', noun, item, min, max }
}

export function mapping<Fields extends FieldTable>(noun: string, fields: Fields): MappingShape<Fields> {
  return { type: 'mapping', noun, fields, exclusive: [] }
}

/** A mapping with exactly one of the keys `exclusive`. */
export function oneOf<Fields extends FieldTable>(
  noun: string,
  exclusive: readonly (keyof Fields & string)[],
  fields: Fields,
): MappingShape<Fields> {
  return { type: 'mapping', noun, fields, exclusive }
}

export function dictionary<Item extends Shape>(noun: string, keyNoun: string, item: Item): DictionaryShape<Item> {
  return { type: 'dictionary', noun, keyNoun, item }
}

export function variants<Tag extends string, Variants extends VariantTable>(
  noun: string,
  tag: Tag,
  about: string,
  table: Variants,
): VariantsShape<Tag, Variants> {
  return { type: 'variants', noun, tag, about, variants: table }
}

/** The value read from a shape without problems. */
export type ValueOf<S extends Shape> =
  S extends QuantityShape<infer Names>
    ? number | Names
    : S extends IntegerShape | NumberShape
      ? number
      : S extends TextShape | ScalarShape
        ? string
        : S extends ChoiceShape<infer Words>
          ? Words
          : S extends ListShape<infer Item>
            ? readonly ValueOf<Item>[]
            : S extends MappingShape<infer Fields>
              ? FieldValues<Fields>
              : S extends DictionaryShape<infer Item>
                ? ReadonlyMap<string, ValueOf<Item>>
                : S extends VariantsShape<infer Tag, infer Variants>
                  ? {
                      [K in keyof Variants & string]: { readonly [T in Tag & string]: K } & FieldValues<
                        Variants[K]['fields']
                      >
                    }[keyof Variants & string]
                  : never

type FieldValues<Fields extends FieldTable> = { readonly [K in keyof Fields]: FieldValue<Fields[K]> }

type FieldValue<F extends Field> =
  F extends Field<infer S, infer P> ? (P extends Optional ? ValueOf<S> | undefined : ValueOf<S>) : never

/** The same where parts may have had problems and are missing: what checks across fields look at. */
export type Draft<Value> =
  Value extends ReadonlyMap<string, infer Item>
    ? ReadonlyMap<string, Draft<Item> | undefined>
    : Value extends readonly (infer Item)[]
      ? readonly (Draft<Item> | undefined)[]
      : Value extends object
        ? { readonly [K in keyof Value]: Draft<Value[K]> | undefined }
        : Value
