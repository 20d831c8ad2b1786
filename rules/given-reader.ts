import { Effect, Either } from "effect"
import { action, type BlobCodec, Bytes, blobCodec, DigestOf, readBlob, writeBlob } from "../graph/index.ts"
import { GivenFile, UnusableMetadata } from "./unusable-metadata.ts"

/** What a kind of given file holds, as JSON, and the rule that reads such a file: once for all repositories that it is given to. */
export const givenReader = <const Name extends string, A>(
  name: Name,
  read: (bytes: Uint8Array) => Either.Either<A, { readonly message: string }>
) => {
  const Read: BlobCodec<A> = blobCodec({
    name,
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) // only the encoder above writes them
  })
  const ReadFile = action(name, {
    version: 1,
    input: GivenFile(DigestOf(Bytes)),
    output: DigestOf(Read),
    error: UnusableMetadata,
    label: (file) => file.name,
    cost: () => 200,
    run: (file) =>
      Effect.gen(function* () {
        const value = read(yield* readBlob(Bytes, file.content))
        if (Either.isLeft(value)) return yield* new UnusableMetadata({ files: [file.name], reason: value.left.message })
        return yield* writeBlob(Read, value.right)
      })
  })
  return { Read, ReadFile }
}
