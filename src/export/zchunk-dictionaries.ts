import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { Data, Effect } from "effect"
import { Bytes, withBlobs, writeBlob } from "../../graph/index.ts"
import { MetadataKind } from "../../rules/index.ts"
import type { ZchunkRequest } from "./request.ts"

/**
 * What the rules are told of zchunk files, once the dictionaries are in the store. `additional` are the names of further files than
 * those that list packages.
 */
export const zchunkOptions = (request: ZchunkRequest | null, additional: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (request === null) return { options: {}, warnings: [] }
    const files = [...MetadataKind.literals.map((kind) => `${kind}.xml`), ...additional]
    const { dictionaries, warnings } =
      request.dictionaries === null
        ? { dictionaries: [], warnings: [] }
        : yield* readDictionaries(request.dictionaries, files)
    const stored = yield* Effect.forEach(dictionaries, ({ content, file }) =>
      Effect.map(withBlobs(writeBlob(Bytes, content)), (digest) => ({ file, content: digest }))
    )
    return { options: { zchunk: { dictionaries: stored } }, warnings }
  })

/** The dictionaries for zchunk files cannot be used. */
export class BadDictionaries extends Data.TaggedError("BadDictionaries")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** What the chunks of one file are compressed with. */
export interface ZchunkDictionary {
  /** That of the file, such as `primary.xml`. */
  readonly file: string
  readonly content: Uint8Array
}

/**
 * Reads the dictionary of each of these files, where the folder has one: `primary.xml.zdict` for `primary.xml`, trained or any text.
 * One that is missing is warned of, as createrepo_c does; one that zstd does not take is an error, all of them at once. The folder's
 * errors are Koji's.
 */
export const readDictionaries = (
  folder: string,
  files: ReadonlyArray<string>
): Effect.Effect<
  { readonly dictionaries: ReadonlyArray<ZchunkDictionary>; readonly warnings: ReadonlyArray<string> },
  BadDictionaries
> =>
  Effect.gen(function* () {
    const stat = yield* Effect.try({
      try: () => statSync(folder, { throwIfNoEntry: false }),
      catch: (cause) => new BadDictionaries({ reason: `zchunk dir path cannot be looked at: ${String(cause)}` })
    })
    if (stat === undefined) return yield* new BadDictionaries({ reason: `zchunk dir path doesn't exist: ${folder}` })
    if (!stat.isDirectory()) return yield* new BadDictionaries({ reason: `zchunk dir path is file: ${folder}` })
    const places = files.map((file) => ({ file, path: join(folder, `${file}.zdict`) }))
    const missing = places.filter(({ path }) => !existsSync(path))
    const present = places.filter((place) => !missing.includes(place))
    const [problems, dictionaries] = yield* Effect.partition(present, readDictionary)
    if (problems.length > 0) return yield* new BadDictionaries({ reason: problems.join("\n") })
    return {
      dictionaries,
      warnings: missing.map(({ file, path }) => `${path} is missing: ${file}.zck is made without a dictionary`)
    }
  })

const readDictionary = ({ file, path }: { readonly file: string; readonly path: string }) =>
  Effect.gen(function* () {
    const bad = (reason: string) => `the zchunk dictionary ${path} cannot be used: ${reason}`
    const content = yield* Effect.try({
      try: () => readFileSync(path),
      catch: (cause) => bad(cause instanceof Error ? cause.message : String(cause))
    })
    if (content.length === 0) return yield* Effect.fail(bad("it is empty"))
    yield* Effect.try({
      try: () => zstdCompressSync(Buffer.alloc(1), { dictionary: content }),
      catch: () => bad("it begins like one that zstd was trained for, and is damaged")
    })
    return { file, content } satisfies ZchunkDictionary
  })
