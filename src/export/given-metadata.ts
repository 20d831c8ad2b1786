import { basename } from "node:path"
import { Data, Effect, Either } from "effect"
import {
  type BlobMissing,
  Bytes,
  type DigestOf,
  type Store,
  type StoreError,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import type { Compression } from "../../rules/index.ts"
import { readUnpacked, type UnpackedFile } from "./unpacked-file.ts"

/** Files of metadata that a repository is given beside its packages and groups, by their paths. */
export interface GivenMetadata {
  /** Module metadata; the first file is the most important. */
  readonly modules: ReadonlyArray<string>
  /** Advisories, likewise. */
  readonly updateinfo: ReadonlyArray<string>
  /** Published as they are, but for the compression. */
  readonly extra: ReadonlyArray<ExtraFile>
}

/** A file that is published under a type of its own. */
interface ExtraFile {
  readonly type: string
  readonly path: string
  readonly compressed: boolean
}

/** Files that cannot be taken into a repository. */
export class BadMetadataFiles extends Data.TaggedError("BadMetadataFiles")<{
  readonly problems: ReadonlyArray<{ readonly path: string; readonly reason: string }>
}> {
  override get message(): string {
    return this.problems.map(({ path, reason }) => `the file ${path} cannot be used: ${reason}`).join("\n")
  }
}

/** Nothing. */
export const noMetadata: GivenMetadata = { modules: [], updateinfo: [], extra: [] }

/**
 * The files as the graph takes them, by the names that messages about their content call them by; what is not given is not there. All
 * that cannot be read is told at once.
 */
export const storeGiven = (
  { extra, modules, updateinfo }: GivenMetadata,
  compression: Compression,
  nameOf: (path: string) => string = basename
): Effect.Effect<StoredGiven, BadMetadataFiles | BlobMissing | StoreError, Store> =>
  Effect.gen(function* () {
    const paths = [...modules, ...updateinfo, ...extra.map(({ path }) => path)]
    const read = yield* Effect.forEach(paths, (path) =>
      Effect.map(Effect.either(readUnpacked(path)), (file) => ({ path, file }))
    )
    const problems = read.flatMap(({ file, path }) => (Either.isLeft(file) ? [{ path, reason: file.left }] : []))
    if (problems.length > 0) return yield* new BadMetadataFiles({ problems })
    const files = new Map<string, StoredFile>()
    for (const { file, path } of read) if (Either.isRight(file)) files.set(path, yield* store(file.right))
    const named = (paths: ReadonlyArray<string>) =>
      paths.flatMap((path) => {
        const file = files.get(path)
        return file === undefined ? [] : [{ ...file, name: nameOf(path) }]
      })
    return {
      ...(modules.length === 0 ? {} : { modules: named(modules) }),
      ...(updateinfo.length === 0 ? {} : { updateinfo: named(updateinfo) }),
      additional: extra.flatMap(({ compressed, path, type }) => {
        const file = files.get(path)
        return file === undefined ? [] : [{ type, ...file, compression: compressed ? compression : null }]
      })
    }
  })

/** The names under which these files are published, but for the suffix of a compression. */
export const storedNames = ({ additional, modules, updateinfo }: StoredGiven): ReadonlyArray<string> => [
  ...additional.map(({ name }) => name),
  ...(modules === undefined ? [] : ["modules.yaml"]),
  ...(updateinfo === undefined ? [] : ["updateinfo.xml"])
]

interface StoredFile {
  readonly name: string
  readonly content: DigestOf<Uint8Array>
}

interface StoredGiven {
  readonly modules?: ReadonlyArray<StoredFile>
  readonly updateinfo?: ReadonlyArray<StoredFile>
  readonly additional: ReadonlyArray<StoredFile & { readonly type: string; readonly compression: Compression | null }>
}

const store = ({ content, name }: UnpackedFile) =>
  Effect.map(withBlobs(writeBlob(Bytes, content)), (digest): StoredFile => ({ name, content: digest }))
