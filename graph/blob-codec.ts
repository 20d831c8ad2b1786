import { Effect, Schema, type SchemaAST } from "effect"
import { Blobs } from "./blobs.ts"
import { Digest } from "./digest.ts"

/** One difference between two values in the words of their field, such as `+bash-5.2.26-3.fc40.x86_64`. */
export const Difference = Schema.Struct({
  kind: Schema.Literal("added", "removed", "replaced", "changed"),
  /** What differs, by a name that stays. */
  subject: Schema.String,
  before: Schema.optional(Schema.String),
  after: Schema.optional(Schema.String),
  /** More for people, such as how many rpms a build has. */
  detail: Schema.optional(Schema.String)
})
export type Difference = typeof Difference.Type

/** A blob named by a value: what it is, so that its own references can be followed. */
export interface Reference {
  readonly digest: Digest
  readonly codec: AnyBlobCodec
}

/** How the engine sees every codec: enough to follow references and to tell two blobs apart. */
export interface AnyBlobCodec {
  readonly name: string
  /** Whether no blob of this codec names others, so that there is no need to read it for them. */
  readonly namesNothing: boolean
  /** The blobs that these bytes name. Throws where the bytes are not of this codec. */
  readonly referencesIn: (bytes: Uint8Array) => ReadonlyArray<Reference>
  readonly differencesBetween:
    | ((before: Uint8Array, after: Uint8Array) => Effect.Effect<ReadonlyArray<Difference>, never, Blobs>)
    | undefined
}

/** How a value of type A is stored as bytes. Equal values must have equal bytes. */
export interface BlobCodec<A> extends AnyBlobCodec {
  readonly encode: (value: A) => Uint8Array
  readonly decode: (bytes: Uint8Array) => A
}

/**
 * Defines a codec. `references` lists the blobs that a value names (a result is complete only if they are all there);
 * `differences` says in the field's words what changed between two values, for explanations.
 */
export const blobCodec = <A>(spec: {
  readonly name: string
  readonly encode: (value: A) => Uint8Array
  readonly decode: (bytes: Uint8Array) => A
  readonly references?: (value: A) => ReadonlyArray<Reference>
  readonly differences?: (before: A, after: A) => Effect.Effect<ReadonlyArray<Difference>, never, Blobs>
}): BlobCodec<A> => {
  const { differences, references } = spec
  return {
    name: spec.name,
    encode: spec.encode,
    decode: spec.decode,
    namesNothing: references === undefined,
    referencesIn: references === undefined ? () => [] : (bytes) => references(spec.decode(bytes)),
    differencesBetween:
      differences === undefined
        ? undefined
        : (before, after) => Effect.suspend(() => differences(spec.decode(before), spec.decode(after)))
  }
}

/** Bytes with no structure of interest to the engine. */
export const Bytes: BlobCodec<Uint8Array> = blobCodec({
  name: "bytes",
  encode: (bytes) => bytes,
  decode: (bytes) => bytes
})

declare const content: unique symbol

/** The digest of a blob that holds an A. The type is a promise of the codec's; at run time it is a {@link Digest}. */
export type DigestOf<A> = Digest & { readonly [content]: A }

const CodecAnnotation = Symbol.for("graph/BlobCodec")

/** The schema of a field that names a blob of this codec. */
export const DigestOf = <A>(codec: BlobCodec<A>): Schema.Schema<DigestOf<A>, string> =>
  // the phantom part of the type has no run-time counterpart, so no schema can produce it
  Digest.annotations({ [CodecAnnotation]: codec, identifier: `DigestOf(${codec.name})` }) as unknown as Schema.Schema<
    DigestOf<A>,
    string
  >

/** The codec of a field's schema, where it is a {@link DigestOf}. */
export const codecOf = (ast: SchemaAST.AST): AnyBlobCodec | undefined =>
  // only DigestOf writes this annotation
  ast.annotations[CodecAnnotation] as AnyBlobCodec | undefined

/** Reads and decodes a blob. */
export const readBlob = <A>(codec: BlobCodec<A>, digest: DigestOf<A>): Effect.Effect<A, never, Blobs> =>
  Effect.flatMap(Blobs, (blobs) => Effect.map(blobs.read(digest), codec.decode))

/** What a function makes of a blob's bytes, which are lent to it: it must not keep them. For many bytes that are only passed on. */
export const lendBlob = <A>(
  digest: DigestOf<Uint8Array>,
  see: (bytes: Uint8Array) => A
): Effect.Effect<A, never, Blobs> =>
  Effect.flatMap(Blobs, (blobs) => blobs.lend?.(digest, see) ?? Effect.map(blobs.read(digest), see))

/** Encodes and writes a blob. */
export const writeBlob = <A>(codec: BlobCodec<A>, value: A): Effect.Effect<DigestOf<A>, never, Blobs> =>
  // Blobs.write names the bytes that this codec made, which is what DigestOf<A> says
  Effect.flatMap(Blobs, (blobs) => blobs.write(codec.encode(value)) as Effect.Effect<DigestOf<A>>)
