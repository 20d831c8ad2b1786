import { Effect, Either, Schema } from "effect"
import {
  accident,
  action,
  type BlobCodec,
  blobCodec,
  DigestOf,
  ExternalFile,
  ExternalFiles,
  hashOf,
  sizeOf,
  writeBlob
} from "../graph/index.ts"
import { checksumTypes } from "../src/repodata/checksum-type.ts"
import { decodeFragments, type PackageFragments, packageFragments } from "../src/repodata/package-fragments.ts"
import { headerProblem } from "../src/rpm/package-digests.ts"
import { sigkeyOf, sigmd5Of } from "../src/rpm/signature.ts"
import { type ReadHead, readHead } from "./package-head-reader.ts"

/** The metadata of one package, ready for every repository that lists it: shared by arches, tags and repo ids. */
export const Fragments: BlobCodec<PackageFragments> = blobCodec({
  name: "package-fragments",
  encode: ({ blob }) => blob,
  decode: (bytes) => Either.getOrThrow(decodeFragments(bytes))
})

/** Text of a package that XML cannot hold, replaced by U+FFFD. */
export const TextWarning = Schema.Struct({ field: Schema.String, problem: Schema.String })

/** A checksum of a file, in lower-case hex. */
const PackageChecksum = Schema.Struct({ type: Schema.Literal(...checksumTypes), value: Schema.String })

/** A package, and what its metadata depends on beside its bytes. */
export const PackageToRead = Schema.Struct({
  /** What to call it before people: N-V-R.A of a file of a hub, the path of one in a directory. */
  package: Schema.String,
  /** sha256 and size of the whole file, which the source vouches for. */
  file: ExternalFile,
  /** Hex of the SIGMD5 that the source recorded, which the file must have; null where it recorded none. */
  sigmd5: Schema.NullOr(Schema.String),
  /** The checksum of the whole file that is to identify the package; where absent the sha256 of its digest. */
  checksum: Schema.optionalWith(PackageChecksum, { exact: true }),
  /** The key under which the source has this copy, which must be signed with it; null for the file as it was imported. */
  signedWith: Schema.NullOr(Schema.String),
  /** How many changelog entries are kept, the newest. */
  changelogLimit: Schema.Int
})
export type PackageToRead = typeof PackageToRead.Type

/** The one reader of packages: from the file to its three XML fragments. Reads the head only, never the payload. */
export const PackageMetadata = action("package-metadata", {
  version: 1,
  input: PackageToRead,
  output: Schema.Union(
    Schema.TaggedStruct("Good", {
      fragments: DigestOf(Fragments),
      warnings: Schema.Array(TextWarning)
    }),
    Schema.TaggedStruct("Broken", { reason: Schema.String })
  ),
  label: (input) => input.package,
  cost: () => 0.3,
  run: (input) =>
    Effect.gen(function* () {
      const files = yield* ExternalFiles
      const read = yield* files.withFile(input.file, (file) => metadataOf(readHead(file), input))
      if (read._tag === "AnotherPackage") return yield* notRecorded(input, read.reason)
      if (read._tag === "Broken") return yield* broken(input, read.reason)
      const { fragments } = read
      return { _tag: "Good" as const, fragments: yield* writeBlob(Fragments, fragments), warnings: fragments.warnings }
    })
})

type Read =
  | { readonly _tag: "Good"; readonly fragments: PackageFragments }
  | { readonly _tag: "Broken"; readonly reason: string }
  | { readonly _tag: "AnotherPackage"; readonly reason: string }

/** Its own checks done, prints the package. */
const metadataOf = (
  { bytes, head }: ReadHead,
  { changelogLimit, checksum, file, signedWith, sigmd5 }: PackageToRead
): Read => {
  const broken = (reason: string): Read => ({ _tag: "Broken", reason })
  if (Either.isLeft(head)) return broken(head.left.reason)
  const problem = headerProblem(head.right, bytes)
  if (problem !== undefined) return broken(problem)
  if (sigmd5 !== null && sigmd5Of(head.right) !== sigmd5) {
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
    { checksumType: checksum?.type ?? "sha256", checksum: checksum?.value ?? hashOf(file), size: sizeOf(file) },
    { changelogLimit }
  )
  return { _tag: "Good", fragments }
}

/** Only the very file that was recorded is broken for good: what ails a damaged one is no property of its digest. */
const broken = (input: PackageToRead, reason: string) =>
  Effect.gen(function* () {
    const files = yield* ExternalFiles
    return (yield* files.isIntact(input.file)) ? { _tag: "Broken" as const, reason } : yield* notRecorded(input, reason)
  })

const notRecorded = ({ file }: PackageToRead, reason: string): Effect.Effect<never, never, ExternalFiles> =>
  Effect.gen(function* () {
    const [path] = yield* Effect.flatMap(ExternalFiles, (files) => files.paths([file]))
    return yield* accident(
      `${path} is not the package that was recorded (${reason}); if it was being changed, run again, else restore it, or write the signed copy anew with write-signed-rpm --force`
    )
  })
