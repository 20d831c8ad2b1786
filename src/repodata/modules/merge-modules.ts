import { Data, Either } from "effect"
import { mergeDefaults } from "./merge-defaults.ts"
import type { ModuleKind } from "./module-shapes.ts"
import { type ModuleDocument, textAt } from "./read-modules.ts"
import { bytewise } from "./shape.ts"
import { yamlDocument } from "./yaml-writer.ts"

/** Documents that cannot both be of one repository. */
export class ModuleConflicts extends Data.TaggedError("ModuleConflicts")<{
  readonly conflicts: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.conflicts.join("\n")
  }
}

/** The documents of one repository. */
export interface ModulesMerged {
  readonly documents: ReadonlyArray<ModuleDocument>
  readonly warnings: ReadonlyArray<string>
}

/**
 * The documents of several files as those of one repository, in its order: by module its defaults, obsoletes, translations and streams.
 * Equal ones are there once, and the defaults of a module become one document. Where files have the same stream with different contents,
 * the first file has it, which is a warning; where one file does, that is a conflict. The order within a file does not count. Left: all
 * conflicts.
 */
export const mergeModules = (
  files: ReadonlyArray<ReadonlyArray<ModuleDocument>>
): Either.Either<ModulesMerged, ModuleConflicts> => {
  const conflicts: Array<string> = []
  const warnings: Array<string> = []
  const given = files.flatMap((documents, file) => documents.map((document) => ({ file, document })))
  const groups = Map.groupBy(given, ({ document }) => JSON.stringify(sameness(document)))
  const documents = [...groups.values()].flatMap((group) => {
    const [first, ...others] = alternatives(group)
    if (first === undefined) return []
    if (others.length === 0) return [first.document]
    return merged(first, others, {
      conflict: (text) => conflicts.push(text),
      warn: (text) => warnings.push(text)
    })
  })
  return conflicts.length > 0
    ? Either.left(new ModuleConflicts({ conflicts: conflicts.sort(bytewise) }))
    : Either.right({ documents: documents.sort(inOrder), warnings: warnings.sort(bytewise) })
}

/** modules.yaml. */
export const modulesYaml = (documents: ReadonlyArray<ModuleDocument>): Uint8Array =>
  Buffer.from(documents.map(({ root }) => yamlDocument(root)).join(""))

/** A stream by what tells it from others, for people: `perl:5.30 (version 8, context 1a2b, x86_64)`. */
export const streamName = (document: ModuleDocument): string => {
  const [version, context, arch] = ["version", "context", "arch"].map((key) => textAt(document, "data", key))
  const facts = [`version ${version}`, ...(context ? [`context ${context}`] : []), ...(arch ? [arch] : [])]
  return `${document.module}:${textAt(document, "data", "stream")} (${facts.join(", ")})`
}

interface Given {
  /** Counted from 0, in the order in which they were given. */
  readonly file: number
  readonly document: ModuleDocument
}

/** Each content once, where it was given first; in an order that does not depend on that within a file. */
const alternatives = (group: ReadonlyArray<Given>): ReadonlyArray<Given> => {
  const byText = new Map<string, Given>()
  for (const given of group) {
    const text = yamlDocument(given.document.root)
    if (!byText.has(text)) byText.set(text, given)
  }
  return [...byText].sort(([a, { file }], [b, other]) => file - other.file || bytewise(a, b)).map(([, given]) => given)
}

/** What becomes of several documents that are about the same thing and are not equal. */
const merged = (
  first: Given,
  others: ReadonlyArray<Given>,
  tell: { readonly conflict: (text: string) => void; readonly warn: (text: string) => void }
): ReadonlyArray<ModuleDocument> => {
  const { document } = first
  const firstOf = (what: string, alike: ReadonlyArray<Given>): ReadonlyArray<ModuleDocument> => {
    if (new Set(alike.map(({ file }) => file)).size < alike.length) tell.conflict(`${what} has different contents`)
    else if (alike.length > 1) tell.warn(`${what} has different contents in several files: the first file has it`)
    return alike.slice(0, 1).map((given) => given.document)
  }
  switch (document.kind) {
    case "modulemd":
      return firstOf(`the module stream ${streamName(document)}`, [first, ...others])
    case "modulemd-defaults":
      return [mergeDefaults([document, ...others.map((given) => given.document)], tell.conflict)]
    case "modulemd-obsoletes":
      return firstOf(`what obsoletes ${dated(document)}`, [first, ...others])
    case "modulemd-translations": {
      const newest = others.reduce((a, b) => (modified(b.document) > modified(a.document) ? b : a), first)
      const alike = [first, ...others].filter((given) => modified(given.document) === modified(newest.document))
      return firstOf(`the translation of ${dated(newest.document)}`, alike)
    }
  }
}

const modified = (document: ModuleDocument): bigint => BigInt(textAt(document, "data", "modified") || 0)

const dated = (document: ModuleDocument): string =>
  `${document.module}:${textAt(document, "data", "stream")}, modified ${textAt(document, "data", "modified")}`

/** Of a module's documents. */
const kindOrder: ReadonlyArray<ModuleKind> = [
  "modulemd-defaults",
  "modulemd-obsoletes",
  "modulemd-translations",
  "modulemd"
]

/** Documents of which a repository has only one. */
const sameness = (document: ModuleDocument): ReadonlyArray<string> => {
  const { kind, module } = document
  const facts = (...keys: ReadonlyArray<string>) => [kind, module, ...keys.map((key) => textAt(document, "data", key))]
  switch (kind) {
    case "modulemd":
      return facts("stream", "version", "context", "arch")
    case "modulemd-defaults":
      return facts()
    case "modulemd-obsoletes":
      return facts("stream", "context", "modified")
    case "modulemd-translations":
      return facts("stream")
  }
}

const inOrder = (a: ModuleDocument, b: ModuleDocument): number => {
  const by = (key: string) => bytewise(textAt(a, "data", key), textAt(b, "data", key))
  const version = (document: ModuleDocument) => textAt(document, "data", "version").padStart(20, "0")
  return (
    bytewise(a.module, b.module) ||
    kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) ||
    by("stream") ||
    bytewise(version(a), version(b)) ||
    by("context") ||
    by("arch") ||
    by("modified")
  )
}
