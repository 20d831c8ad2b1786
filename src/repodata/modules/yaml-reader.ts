import { Either } from "effect"
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from "js-yaml"
import { isTyped, scalarText, type YamlMap, type YamlNode } from "./yaml-node.ts"

/** A document of a stream; number and line, where it begins, count from 1. */
export interface YamlDocument {
  readonly number: number
  readonly line: number
  readonly root: Either.Either<YamlNode, YamlProblem>
}

/** Why a document is not read. */
interface YamlProblem {
  /** Of the stream. */
  readonly line: number
  readonly problem: string
}

/**
 * Reads a YAML stream, each of whose documents stands for itself: a broken one spoils no other. Empty ones do not count. Anchors and
 * aliases are refused, as libmodulemd does, so that nothing is ever expanded; so are keys that are no scalars or are there twice,
 * and what nests deeper than 40.
 */
export const readYaml = (stream: string): ReadonlyArray<YamlDocument> =>
  documentsOf(stream).map(({ line, text }, index) => {
    const root = Either.mapLeft(readDocument(text), ({ line: inside, problem }) => ({ line: line + inside, problem }))
    return { number: index + 1, line: line + 1, root }
  })

/** Lines count from 0 in here. */
interface Source {
  readonly text: string
  readonly line: number
}

/** Cut at the lines that begin and end documents: no line of any text can look like one. */
const documentsOf = (stream: string): ReadonlyArray<Source> => {
  const marks = [...stream.matchAll(/(?<![^\n])(?:---|\.\.\.)(?=[ \t\r\n]|$)/g)].map(({ index }) => index)
  let line = 0
  return [0, ...marks].flatMap((start, at) => {
    const end = marks[at] ?? stream.length
    // behind the mark of a beginning there may be more; blanks keep its place in the line
    const text = at === 0 ? stream.slice(0, end).replace(/^\ufeff/, " ") : `   ${stream.slice(start + 3, end)}`
    const source = { text, line }
    line += text.split("\n").length - 1
    return hasContent.test(text) ? [source] : []
  })
}

/** Of any line that is not blank, no comment and no directive. */
const hasContent = /(?<![^\n])(?![ \t\r]*(?:#|\n|$)|%)/

const MAX_DEPTH = 40

const readDocument = (text: string): Either.Either<YamlNode, YamlProblem> =>
  Either.flatMap(eventsOf(text), ({ events, source }) => {
    const building = new Building(source, events)
    const root = building.next()
    if (building.problem !== null) return Either.left(building.problem)
    return root === undefined ? Either.left({ line: 1, problem: "it has no content" }) : Either.right(root)
  })

interface Parsed {
  readonly source: string
  readonly events: ReadonlyArray<Event>
}

/**
 * Published modules.yaml files have quoted texts whose lines begin further left than YAML allows; libyaml, which wrote them, reads them
 * as well. Blanks that are put before such a line are no part of its text.
 */
const eventsOf = (text: string): Either.Either<Parsed, YamlProblem> => {
  let source = text
  // a hostile document can have such lines without end, each of which costs a reading
  for (let budget = MENDING_BUDGET; ; budget -= source.length) {
    const read = Either.try({ try: () => parseEvents(source, { maxDepth: MAX_DEPTH }), catch: (error) => error })
    if (Either.isRight(read)) return Either.right({ source, events: read.right })
    const { left: error } = read
    if (!(error instanceof YAMLException)) throw error
    const { column = 0, line = 0, position = 0 } = error.mark ?? {}
    if (error.reason !== "deficient indentation" || budget < 0) {
      return Either.left({ line: line + 1, problem: error.reason })
    }
    const start = position - column
    source = `${source.slice(0, start)}${" ".repeat(4 * MAX_DEPTH)}${source.slice(start)}`
  }
}

/** Characters that may be read once more. */
const MENDING_BUDGET = 16 * 1024 * 1024

/** Builds one document from its events. Its first problem counts. */
class Building {
  readonly #source: string
  readonly #events: Iterator<Event>
  problem: YamlProblem | null = null

  constructor(source: string, events: ReadonlyArray<Event>) {
    this.#source = source
    this.#events = events.values()
  }

  /** The next node; undefined at the end of what holds it, or of the document. */
  next(): YamlNode | undefined {
    const { value: event } = this.#events.next()
    if (event === undefined || event.type === EVENT_ID.POP) return undefined
    if (event.type === EVENT_ID.DOCUMENT) return this.next()
    if (event.anchorStart >= 0) {
      const mark = event.type === EVENT_ID.ALIAS ? "the alias *" : "the anchor &"
      const name = this.#source.slice(event.anchorStart, event.anchorEnd)
      this.#refuse(event.anchorStart, `it has ${mark}${name}, which readers of module metadata do not follow`)
    }
    switch (event.type) {
      case EVENT_ID.ALIAS:
        return ""
      case EVENT_ID.SCALAR: {
        const text = event.valueStart < 0 ? "" : getScalarValue(this.#source, event)
        return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0 && isTyped(text) ? { plain: text } : text
      }
      case EVENT_ID.SEQUENCE:
        return this.#items()
      case EVENT_ID.MAPPING:
        return { entries: this.#entries(event.start) }
    }
  }

  #items(): ReadonlyArray<YamlNode> {
    const items: Array<YamlNode> = []
    for (let item = this.next(); item !== undefined; item = this.next()) items.push(item)
    return items
  }

  #entries(start: number): YamlMap["entries"] {
    const entries = new Map<string, YamlNode>()
    for (let key = this.next(); key !== undefined; key = this.next()) {
      const name = scalarText(key)
      if (name === undefined) this.#refuse(start, "a key of this map is a list or a map")
      else if (entries.has(name)) this.#refuse(start, `this map has the key ${JSON.stringify(name)} twice`)
      entries.set(name ?? "", this.next() ?? "")
    }
    return [...entries]
  }

  #refuse(position: number, problem: string): void {
    this.problem ??= { line: this.#source.slice(0, position).split("\n").length, problem }
  }
}
