import { Effect, Schema } from "effect"
import {
  accident,
  action,
  blobCodec,
  type Difference,
  DigestOf,
  needAll,
  plan,
  readBlob,
  writeBlob
} from "../../graph/index.ts"

/** A text is stored as UTF-8; what changed in it is told word by word. */
export const Text = blobCodec<string>({
  name: "text",
  encode: (text) => Buffer.from(text),
  decode: (bytes) => Buffer.from(bytes).toString(),
  differences: (before, after) =>
    Effect.succeed([...missing(before, after, "removed"), ...missing(after, before, "added")])
})

const missing = (from: string, other: string, kind: Difference["kind"]): ReadonlyArray<Difference> =>
  from
    .split(" ")
    .filter((word) => !other.split(" ").includes(word))
    .map((subject) => ({ kind, subject }))

/** A text that no rule can count: determined by the input, so an error of the rule. */
export class NoWords extends Schema.TaggedError<NoWords>()("NoWords", { name: Schema.String }) {
  override get message(): string {
    return `${this.name} has no words`
  }
}

const File = Schema.Struct({ name: Schema.String, text: DigestOf(Text) })
const Counted = Schema.Struct({ name: Schema.String, count: DigestOf(Text) })
const Summed = Schema.Struct({ total: Schema.Int, report: DigestOf(Text) })
const Library = Schema.Struct({ title: Schema.String, files: Schema.Array(File) })

export interface ToyOptions {
  readonly countVersion?: number
  readonly sumVersion?: number
  readonly planVersion?: number
  readonly counter?: string
  /** Runs before a file is counted. */
  readonly meanwhile?: (name: string) => Effect.Effect<void>
}

/**
 * Files → the number of words of each → their sum and a report. `count-words` fails on an empty text, `crash` in a text crashes it
 * and `smoke` stops it by accident. The count is a blob, so that what reads it names it by digest.
 */
export const toy = ({
  countVersion = 1,
  counter = "1.0",
  meanwhile = () => Effect.void,
  planVersion = 1,
  sumVersion = 1
}: ToyOptions = {}) => {
  const CountWords = action("count-words", {
    version: countVersion,
    tools: { counter },
    input: File,
    output: Counted,
    error: NoWords,
    label: ({ name }) => name,
    run: ({ name, text }) =>
      Effect.gen(function* () {
        yield* meanwhile(name)
        const words = (yield* readBlob(Text, text)).split(" ").filter((word) => word !== "")
        if (words.length === 0) return yield* new NoWords({ name })
        if (words.includes("crash")) throw new Error("out of words")
        if (words.includes("smoke")) return yield* accident("the shelf is on fire")
        return { name, count: yield* writeBlob(Text, String(words.length)) }
      })
  })
  const Sum = action("sum", {
    version: sumVersion,
    input: Schema.Struct({ title: Schema.String, counts: Schema.Array(Counted) }),
    output: Summed,
    label: () => "",
    run: ({ counts, title }) =>
      Effect.gen(function* () {
        const numbers = yield* Effect.forEach(counts, ({ count }) => Effect.map(readBlob(Text, count), Number))
        const total = numbers.reduce((a, b) => a + b, 0)
        const lines = counts.map(({ name }, i) => `${name} ${numbers[i]}`)
        return { total, report: yield* writeBlob(Text, [title, ...lines].join("\n")) }
      })
  })
  const CountLibrary = plan("count-library", {
    version: planVersion,
    needs: [CountWords, Sum],
    input: Library,
    output: Summed,
    label: ({ title }) => title,
    run: ({ files, title }) =>
      Effect.gen(function* () {
        const counts = yield* needAll(CountWords, files)
        const [sum] = yield* needAll(Sum, [{ title, counts }])
        return sum ?? (yield* Effect.dieMessage("one sum for one input"))
      })
  })
  return { CountWords, Sum, CountLibrary }
}
