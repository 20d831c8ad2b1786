import { Effect, Schema } from "effect"
import {
  accident,
  action,
  blobCodec,
  DigestOf,
  ExternalFile,
  ExternalFiles,
  isDigest,
  need,
  needAll,
  plan,
  readBlob,
  writeBlob
} from "../../graph/index.ts"
import { Text } from "./toy.ts"

/** Rules whose actions claim to take long, so that they are given to worker threads; `how` says what one does there. */

const Singer = Schema.Struct({
  id: Schema.Int,
  text: DigestOf(Text),
  how: Schema.Literal("well", "fail", "throw", "exit", "accident", "file"),
  file: Schema.optionalWith(ExternalFile, { exact: true })
})

export class Refused extends Schema.TaggedError<Refused>()("Refused", { id: Schema.Int }) {}

export const Shout = action("shout", {
  version: 1,
  input: Singer,
  output: Schema.Struct({ text: DigestOf(Text) }),
  error: Refused,
  label: ({ id }) => String(id),
  cost: () => 8,
  run: ({ file, how, id, text }) =>
    Effect.gen(function* () {
      if (how === "fail") return yield* new Refused({ id })
      if (how === "throw") throw new Error(`no voice for ${id}`)
      if (how === "exit") process.exit(7) // on a thread it ends the thread
      if (how === "accident") return yield* accident("the hall is closed")
      if (file !== undefined) {
        const size = yield* Effect.flatMap(ExternalFiles, (files) => files.withFile(file, (opened) => opened.size))
        return { text: yield* writeBlob(Text, `${size} bytes`) }
      }
      return { text: yield* writeBlob(Text, `${(yield* readBlob(Text, text)).toUpperCase()}!`) }
    })
})

const List = blobCodec<ReadonlyArray<DigestOf<string>>>({
  name: "list",
  encode: (all) => Buffer.from(all.join("\n")),
  decode: (bytes) => Buffer.from(bytes).toString().split("\n").filter(isText),
  references: (all) => all.map((digest) => ({ digest, codec: Text }))
})
// only `Concert` writes lists, of what `Shout` wrote
const isText = (line: string): line is DigestOf<string> => isDigest(line)

/** Reads blobs that its input does not name itself, and may write a large one. */
export const Choir = action("choir", {
  version: 1,
  input: Schema.Struct({ texts: DigestOf(List), size: Schema.Int }),
  output: Schema.Struct({ song: DigestOf(Text) }),
  label: () => "",
  cost: () => 60,
  run: ({ size, texts }) =>
    Effect.gen(function* () {
      const all = yield* Effect.forEach(yield* readBlob(List, texts), (digest) => readBlob(Text, digest))
      return { song: yield* writeBlob(Text, all.join(" ").padEnd(size, ".")) }
    })
})

export const Concert = plan("concert", {
  version: 1,
  needs: [Shout, Choir],
  input: Schema.Struct({ singers: Schema.Array(Singer), size: Schema.Int }),
  output: Schema.Struct({ song: DigestOf(Text) }),
  label: () => "",
  run: ({ singers, size }) =>
    Effect.gen(function* () {
      const shouts = yield* needAll(Shout, singers)
      const texts = shouts.map(({ text }) => text)
      return yield* need(Choir, { texts: yield* writeBlob(List, texts), size })
    })
})
