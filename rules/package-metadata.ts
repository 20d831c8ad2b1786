import { createHash } from "node:crypto"
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs"
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
import { headerProblem } from "../src/rpm/package-digests.ts"
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
    /** The key under which the source has this copy, which must be signed with it; null for the file as it was imported. */
    signedWith: Schema.NullOr(Schema.String),
    /** How many changelog entries are kept, the newest. */
    changelogLimit: Schema.Int
  }),
  output: Schema.Union(
    Schema.TaggedStruct("Good", {
      fragments: DigestOf(Fragments),
      warnings: Schema.Array(TextWarning)
    }),
    Schema.TaggedStruct("Broken", { reason: Schema.String })
  ),
  label: (input) => input.package,
  run: (input) =>
    Effect.gen(function* () {
      const path = yield* Effect.flatMap(ExternalFiles, (files) => files.path(input.file))
      const read = yield* readPackage(path, input)
      if (read._tag === "AnotherPackage") return yield* notRecorded(path, read.reason)
      if (read._tag === "Broken") return yield* broken(path, input.file, read.reason)
      const { fragments } = read
      return { _tag: "Good" as const, fragments: yield* writeBlob(Fragments, fragments), warnings: fragments.warnings }
    })
})

type Read =
  | { readonly _tag: "Good"; readonly fragments: PackageFragments }
  | { readonly _tag: "Broken"; readonly reason: string }
  | { readonly _tag: "AnotherPackage"; readonly reason: string }

interface Expected {
  readonly file: Digest
  readonly sigmd5: string
  readonly signedWith: string | null
  readonly changelogLimit: number
}

/** A file that cannot be read is an accident. */
const readPackage = (path: string, expected: Expected): Effect.Effect<Read> =>
  Effect.try(() => withHead(path, sizeOf(expected.file), (head, bytes) => metadataOf(head, bytes, expected))).pipe(
    Effect.catchAll(({ error }) => accident(`${path} cannot be read: ${textOf(error)}`))
  )

/** Its own checks done, prints the package. */
const metadataOf = (
  head: Either.Either<PackageHead, BadPackage>,
  bytes: Uint8Array,
  { changelogLimit, file, signedWith, sigmd5 }: Expected
): Read => {
  const broken = (reason: string): Read => ({ _tag: "Broken", reason })
  if (Either.isLeft(head)) return broken(head.left.reason)
  const problem = headerProblem(head.right, bytes)
  if (problem !== undefined) return broken(problem)
  if (sigmd5Of(head.right) !== sigmd5) {
    return { _tag: "AnotherPackage", reason: "its MD5 is another" }
  }
  const sigkey = sigkeyOf(head.right.signature)
  if (Either.isLeft(sigkey)) return broken(sigkey.left.reason)
  if (signedWith !== null && sigkey.right !== signedWith) {
    const actual = sigkey.right === "" ? "is unsigned" : `is signed with ${sigkey.right}`
    return broken(`the copy kept for key ${signedWith} ${actual}`)
  }
  const fragments = packageFragments(
    head.right,
    { checksumType: "sha256", checksum: hashOf(file), size: sizeOf(file) },
    { changelogLimit }
  )
  return { _tag: "Good", fragments }
}

/** Only the very file that was recorded is broken for good: what ails a damaged one is no property of its digest. */
const broken = (path: string, file: Digest, reason: string) =>
  Effect.gen(function* () {
    if ((yield* sha256Of(path)) === hashOf(file)) return { _tag: "Broken" as const, reason }
    return yield* notRecorded(path, reason)
  })

const notRecorded = (path: string, reason: string): Effect.Effect<never> =>
  accident(
    `${path} is not the package that was recorded (${reason}); restore it, or write the signed copy anew with write-signed-rpm --force`
  )

const sha256Of = (path: string): Effect.Effect<string> =>
  Effect.tryPromise(async () => {
    const sum = createHash("sha256")
    for await (const part of createReadStream(path)) sum.update(part)
    return sum.digest("hex")
  }).pipe(Effect.catchAll(({ error }) => accident(`${path} cannot be read: ${textOf(error)}`)))

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Enough for the head of nearly all packages; reused, for `withHead` is done with one file before the next. */
const scratch = new Uint8Array(256 * 1024)

/** Most heads are read with one call. */
const firstRead = 16 * 1024

/**
 * Reads lead and headers of a file that must have this size, and uses them, whose bytes are overwritten afterwards. Throws where the
 * file cannot be read.
 */
const withHead = <A>(
  path: string,
  size: number,
  use: (head: Either.Either<PackageHead, BadPackage>, bytes: Uint8Array) => A
): A => {
  const file = openSync(path, "r")
  try {
    const actual = fstatSync(file).size
    if (actual !== size) throw new Error(`it has ${actual} bytes where ${size} were recorded`)
    let bytes = readUpTo(file, scratch.subarray(0, 0), Math.min(firstRead, size))
    for (;;) {
      const needed = headBytesNeeded(bytes)
      if (Either.isLeft(needed)) return use(Either.left(needed.left), bytes)
      if (needed.right <= bytes.length || bytes.length === size) return use(readPackageHead(bytes), bytes)
      bytes = readUpTo(file, bytes, Math.min(needed.right, size))
    }
  } finally {
    closeSync(file)
  }
}

/** Reads on from what is there to this many bytes, in the scratch buffer if they fit. */
const readUpTo = (file: number, have: Uint8Array, length: number): Uint8Array => {
  const bytes = length <= scratch.length ? scratch.subarray(0, length) : new Uint8Array(length)
  if (bytes.buffer !== have.buffer) bytes.set(have)
  let filled = have.length
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, filled)
    if (read === 0) throw new Error("it became shorter while it was read")
    filled += read
  }
  return bytes
}
