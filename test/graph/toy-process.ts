import { Effect, Layer } from "effect"
import {
  accident,
  ExternalFiles,
  evaluate,
  externalFiles,
  layerDirectory,
  Store,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import { Text, toy } from "./toy.ts"

/** A process of its own: counts so many files in the store of a directory, and prints the total and the report's digest. */
const [directory = "", files = "0"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const texts = Array.from({ length: Number(files) }, (_, i) => ({ name: `file${i}`, text: "word ".repeat(i + 1) }))
  const input = yield* withBlobs(
    Effect.forEach(texts, ({ name, text }) => Effect.map(writeBlob(Text, text), (digest) => ({ name, text: digest })))
  )
  yield* (yield* Store).flush
  return yield* evaluate(toy().CountLibrary, { title: "shelf", files: input }, { label: "shelf", cpu: 2 })
})

const { output } = await Effect.runPromise(
  program.pipe(
    Effect.provide(
      Layer.merge(
        layerDirectory(directory),
        Layer.succeed(
          ExternalFiles,
          externalFiles(() => accident("no files"))
        )
      )
    )
  )
)
process.stdout.write(`${output.total} ${output.report}\n`)
