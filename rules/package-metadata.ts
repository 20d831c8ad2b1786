import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { Effect, Either, Schema } from "effect"
import {
  accident,
  action,
  type BlobCodec,
  blobCodec,
  Digest,
  DigestOf,
  ExternalFiles,
  hashOf,
  sizeOf,
  writeBlob
} from "../graph/index.ts"
import {
  decodeFragments,
  encodeFragments,
  type PackageFragments,
  packageFragments
} from "../src/repodata/package-fragments.ts"
import type { BadPackage } from "../src/rpm/bad-package.ts"
import { headBytesNeeded, type PackageHead, readPackageHead } from "../src/rpm/package-head.ts"
import { sigkeyOf, sigmd5Of } from "../src/rpm/signature.ts"

/** The metadata of one package, ready for every repository that lists it: shared by arches, tags and repo ids. */
export const Fragments: BlobCodec<PackageFragments> = blobCodec({
  name: "package-fragments",
  encode: encodeFragments,
  decode: (bytes) => Either.getOrThrow(decodeFragments(bytes))
})

/** Text of a package that XML cannot hold, replaced by U+FFFD. */
export const TextWarning = Schema.Struct({ field: Schema.String, problem: Schema.String })

/** The one reader of packages: from the file to its three XML fragments. Reads the head only, never the payload. */
export const PackageMetadata = action("package-metadata", {
  version: 1,
  input: Schema.Struct({
    /** N-V-R.A, for people: a file has one. */
    package: Schema.String,
    /** sha256 and size of the whole file, which the source vouches for. */
    file: Digest,
    /** Hex of the SIGMD5 that the source recorded; the file must have it. */
    sigmd5: Schema.String,
    /** How many changelog entries are kept, the newest. */
    changelogLimit: Schema.Int
  }),
  output: Schema.Union(
    Schema.TaggedStruct("Good", {
      fragments: DigestOf(Fragments),
      /** The key that signed this copy; "" if none. */
      sigkey: Schema.String,
      warnings: Schema.Array(TextWarning)
    }),
    Schema.TaggedStruct("Broken", { reason: Schema.String })
  ),
  label: (input) => input.package,
  run: ({ changelogLimit, file, sigmd5 }) =>
    Effect.gen(function* () {
      const path = yield* Effect.flatMap(ExternalFiles, (files) => files.path(file))
      const head = yield* readHead(path, sizeOf(file))
      if (Either.isLeft(head)) return { _tag: "Broken" as const, reason: head.left.reason }
      if (sigmd5Of(head.right) !== sigmd5) {
        return yield* accident(
          `${path} is not the package that was recorded (its MD5 is another); restore it, or import it anew`
        )
      }
      const sigkey = sigkeyOf(head.right.signature)
      if (Either.isLeft(sigkey)) return { _tag: "Broken" as const, reason: sigkey.left.reason }
      const fragments = packageFragments(
        head.right,
        { checksumType: "sha256", checksum: hashOf(file), size: sizeOf(file) },
        { changelogLimit }
      )
      return {
        _tag: "Good" as const,
        fragments: yield* writeBlob(Fragments, fragments),
        sigkey: sigkey.right,
        warnings: fragments.warnings
      }
    })
})

/** Enough for the head of most packages: one read each. */
const firstRead = 32 * 1024

/** Reads lead and headers of a file that must have this size. A file that cannot be read, or has another, is an accident. */
const readHead = (path: string, size: number): Effect.Effect<Either.Either<PackageHead, BadPackage>> =>
  Effect.try(() => {
    const file = openSync(path, "r")
    try {
      const actual = fstatSync(file).size
      if (actual !== size) throw new Error(`it has ${actual} bytes where ${size} were recorded`)
      let bytes = readUpTo(file, new Uint8Array(0), Math.min(firstRead, size))
      for (;;) {
        const needed = headBytesNeeded(bytes)
        if (Either.isLeft(needed)) return Either.left(needed.left)
        if (needed.right <= bytes.length || bytes.length === size) return readPackageHead(bytes)
        bytes = readUpTo(file, bytes, Math.min(needed.right, size))
      }
    } finally {
      closeSync(file)
    }
  }).pipe(
    Effect.catchAll(({ error }) =>
      accident(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    )
  )

const readUpTo = (file: number, have: Uint8Array, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  bytes.set(have)
  let filled = have.length
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, filled)
    if (read === 0) throw new Error("it became shorter while it was read")
    filled += read
  }
  return bytes
}
