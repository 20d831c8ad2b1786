import { Effect, Option, Schema } from "effect"
import { type Reference, referencesIn, Store, type StoreError } from "../../graph/index.ts"
import { SnapshotDigest, Stamp } from "../../rules/index.ts"
import type { ContentRequest } from "./source.ts"

/** Raise it when a content is written otherwise, or read otherwise from the same database: then all is read anew once. */
const version = 1

/** What is known of a tag's content since it was last read. */
const Remembered = Schema.Struct({
  version: Schema.Literal(version),
  moment: Schema.Struct({ hub: Schema.String, event: Schema.Int, time: Schema.Int }),
  content: SnapshotDigest,
  stamp: Stamp,
  /** How many packages have a build in the content. */
  packages: Schema.Int
})
export type Remembered = Omit<typeof Remembered.Type, "version">

const Text = Schema.parseJson(Remembered)

/** The name under which the store remembers a content of a tag as it is now. */
export const memoryName = (topdir: string, tag: string, { inherit, latest }: ContentRequest): string =>
  `${beginning}${tag} in ${topdir}${inherit ? "" : ", without parents"}${latest ? "" : ", all builds"}`

const beginning = "content of "

/** The blobs that a remembered content names; none where this is none. */
export const snapshotReferences = (name: string, text: string): ReadonlyArray<Reference> => {
  if (!name.startsWith(beginning)) return []
  const known = Schema.decodeOption(Text)(text)
  return Option.isNone(known) ? [] : referencesIn(SnapshotDigest.ast, known.value.content)
}

/** Undefined where nothing is remembered, nothing that this version understands, or a content that the store has no longer. */
export const recallSnapshot = (name: string): Effect.Effect<Remembered | undefined, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const text = yield* store.recall(name)
    const known = text === undefined ? undefined : Option.getOrUndefined(Schema.decodeOption(Text)(text))
    return known !== undefined && (yield* store.hasBlob(known.content)) ? known : undefined
  })

/** Remembers a content for the next time, unless that is known already. */
export const rememberSnapshot = (name: string, known: Remembered): Effect.Effect<void, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const text = Schema.encodeSync(Text)({ version, ...known })
    if ((yield* store.recall(name)) !== text) yield* store.remember(name, text)
  })
