import { constants } from "node:buffer"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { Effect, Either, Schema } from "effect"
import { action, Bytes, DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import { externalPackages } from "../src/repodata/external-packages.ts"
import { decodeFragments } from "../src/repodata/package-fragments.ts"
import { type MergeRow, MergeRows } from "./merge-rows.ts"
import { Fragments } from "./package-metadata.ts"

/** A repository elsewhere: its files as they were fetched, compressed or not. */
export const ExternalRepo = Schema.Struct({
  /** That of the repository, without a slash at its end. */
  url: Schema.String,
  primary: DigestOf(Bytes),
  filelists: DigestOf(Bytes),
  other: DigestOf(Bytes)
})

/** The metadata of a repository elsewhere cannot be used. */
class BadExternalRepo extends Schema.TaggedError<BadExternalRepo>()("BadExternalRepo", {
  url: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `the metadata of the external repo ${this.url} cannot be used: ${this.reason}`
  }
}

/** The packages of a repository elsewhere, each with its fragments, as if it had been read here. */
export const ExternalPackages = action("external-packages", {
  version: 1,
  input: ExternalRepo,
  output: DigestOf(MergeRows),
  error: BadExternalRepo,
  label: ({ url }) => url,
  cost: () => 1000,
  run: ({ filelists, other, primary, url }) =>
    Effect.gen(function* () {
      const bad = (reason: string) => new BadExternalRepo({ url, reason })
      const open = (name: string, content: typeof primary) =>
        Effect.flatMap(readBlob(Bytes, content), (bytes) =>
          Either.mapLeft(opened(bytes), (reason) => bad(`${name} ${reason}`))
        )
      const documents = yield* Effect.all({
        primary: open("primary", primary),
        filelists: open("filelists", filelists),
        other: open("other", other)
      })
      const packages = yield* Either.mapLeft(externalPackages(documents), ({ reason }) => bad(reason))
      const rows = yield* Effect.forEach(packages, ({ base, fragments, ...package_ }) =>
        Effect.map(
          writeBlob(Fragments, Either.getOrThrow(decodeFragments(fragments))),
          (written): MergeRow => ({ ...package_, fragments: written, base: base ?? url })
        )
      )
      return yield* writeBlob(MergeRows, rows)
    })
})

/** The text of a file that is plain, or compressed with gzip or zstd. A text cannot be longer than the longest string. */
const opened = (stored: Uint8Array): Either.Either<Uint8Array, string> => {
  const begins = (...magic: ReadonlyArray<number>) => magic.every((byte, at) => stored[at] === byte)
  const limits = { maxOutputLength: constants.MAX_STRING_LENGTH }
  const unpacked = (unpack: () => Uint8Array) =>
    Either.try({
      try: unpack,
      catch: (cause) => `cannot be uncompressed: ${cause instanceof Error ? cause.message : String(cause)}`
    })
  if (begins(0x1f, 0x8b)) return unpacked(() => gunzipSync(stored, limits))
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return unpacked(() => zstdDecompressSync(stored, limits))
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return Either.left("is compressed with xz, which is not read")
  if (begins(0x42, 0x5a, 0x68)) return Either.left("is compressed with bzip2, which is not read")
  return stored.length > limits.maxOutputLength ? Either.left("is too large") : Either.right(stored)
}
