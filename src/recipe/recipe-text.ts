import { type Document, isAlias, isNode, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { ReadingPlace } from './read-shape.ts'

/** A value from a flag or the environment that takes the place of the one in the file. */
export interface Override {
  /** Where it belongs, `sensor.port` or `rails[0].nominal`. */
  readonly path: string
  /** Written as in the file. */
  readonly text: string
  /** Where it comes from, for messages: `--duration`, `JOULESPAN_PORT`. */
  readonly from: string
}

/**
 * The text of one recipe, where every value stands in it, and what is wrong with it. Problems are collected, not thrown, so that
 * one look at the message shows all of them.
 */
export class RecipeText implements ReadingPlace {
  /** Otherwise there is nothing to be read. */
  readonly isYaml: boolean
  readonly #file: string
  readonly #lines = new LineCounter()
  readonly #document: Document
  readonly #overridden = new WeakMap<Node, string>()
  readonly #nodes = new Map<string, Node>()
  readonly #problems: Problem[] = []

  constructor(text: string, file: string, overrides: readonly Override[] = []) {
    this.#file = file
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: false, prettyErrors: false })
    for (const { pos, message } of [...this.#document.errors, ...this.#document.warnings]) {
      this.#problems.push(this.#problemAt(pos[0], `expected YAML: ${firstLineInLowerCase(message)}`))
    }
    this.isYaml = this.#problems.length === 0
    if (this.isYaml) for (const override of overrides) this.#apply(override)
  }

  get root(): Node | undefined {
    return isNode(this.#document.contents) ? this.#document.contents : undefined
  }

  get hasProblems(): boolean {
    return this.#problems.length > 0
  }

  /** Whether a value stands at `path`, right or wrong; a default does not. */
  isGiven(path: string): boolean {
    return this.#nodes.has(path)
  }

  /** What was written at `path`, as plain values. */
  writtenAt(path: string): unknown {
    return this.#nodes.get(path)?.toJS(this.#document)
  }

  /** Where the value at `path` begins and ends in the text. */
  rangeOf(path: string): readonly [start: number, end: number] | undefined {
    const range = this.#nodes.get(path)?.range
    return range === undefined || range === null ? undefined : [range[0], range[1]]
  }

  target(node: Node): Node | undefined {
    if (!isAlias(node)) return node
    return node.resolve(this.#document)
  }

  place(path: string, node: Node): void {
    this.#nodes.set(path, node)
  }

  addProblem(path: string, message: string, node: Node | undefined = this.#nearest(path)): void {
    const text = path === '' ? message : `${path}: ${message}`
    const from = node === undefined ? undefined : this.#overridden.get(node)
    this.#problems.push(
      from === undefined
        ? this.#problemAt(node?.range?.[0] ?? 0, text)
        : { line: 0, column: 0, text: `${from}: ${text}` },
    )
  }

  throwProblems(hint = 'docs/recipes.md lists every key of a recipe'): void {
    if (this.#problems.length === 0) return
    const lines = this.#problems.sort((a, b) => a.line - b.line || a.column - b.column).map((problem) => problem.text)
    throw new JoulespanError('recipe', lines.join('\n'), { hint })
  }

  #nearest(path: string): Node | undefined {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const node = this.#nodes.get(at)
      if (node !== undefined) return node
    }
    return this.root
  }

  #problemAt(offset: number, text: string): Problem {
    const { line, col } = this.#lines.linePos(offset)
    // an empty file has no lines: linePos then says 0:0
    const at = { line: Math.max(line, 1), column: Math.max(col, 1) }
    return { ...at, text: `${this.#file}:${at.line}:${at.column}: ${text}` }
  }

  #apply({ path, text, from }: Override): void {
    const value = parseDocument(text, { prettyErrors: false })
    if (value.errors.length > 0 || value.contents === null) {
      this.#problems.push({
        line: 0,
        column: 0,
        text: `${from}: ${path}: expected a value as in a recipe, saw "${text}"`,
      })
      return
    }
    visit(value, { Node: (_, node) => this.#overridden.set(node as Node, from) && undefined })
    try {
      this.#document.setIn(keysOf(path), value.contents)
    } catch {
      this.#problems.push({ line: 0, column: 0, text: `${from}: expected the path of a value, saw "${path}"` })
    }
  }
}

interface Problem {
  readonly line: number
  readonly column: number
  readonly text: string
}

function firstLineInLowerCase(message: string): string {
  const line = message.split('\n')[0] as string
  return line.charAt(0).toLowerCase() + line.slice(1)
}

function parentOf(path: string): string {
  return path.replace(/(\.[^.[\]]*|\[\d+\]|^[^.[\]]*)$/, '')
}

/** `rails[0].nominal` as rails, 0, nominal. */
function keysOf(path: string): (string | number)[] {
  return path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))
}
