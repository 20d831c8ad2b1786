import { parentPort, workerData } from "node:worker_threads"
import { Cause, Effect, Either, Exit, Schema } from "effect"
import { accident, ExternalFiles, externalFiles, layerDirectory, Store, withBlobs } from "../../graph/index.ts"
import { demander } from "../../graph/rule.ts"
import { toy } from "./toy.ts"

/** A worker thread: it imports its rule, knows a store's directory, and gets encoded inputs as messages, in JSON. */
const { directory } = Schema.decodeUnknownSync(Schema.Struct({ directory: Schema.String }))(workerData)
const { CountWords } = toy()

const outcomeOf = (input: unknown) =>
  CountWords.runEncoded(input).pipe(
    Effect.provideService(demander<string>(), { demand: () => Effect.dieMessage("an action asks for nothing") }),
    withBlobs,
    Effect.zipLeft(Effect.flatMap(Store, ({ flush }) => flush)),
    Effect.provide(layerDirectory(directory)),
    Effect.provideService(
      ExternalFiles,
      externalFiles(() => accident("there are no files"))
    ),
    Effect.exit
  )

/** `output` or `error`, encoded; `crash` is all that is neither. */
const answerOf = Exit.match({
  onSuccess: (output: unknown) => ({ output }),
  onFailure: (cause: Cause.Cause<unknown>) => {
    const encoded = CountWords.errors?.encode(Cause.squash(cause))
    return encoded && Either.isRight(encoded) ? { error: encoded.right } : { crash: Cause.pretty(cause) }
  }
})

parentPort?.on("message", async (text: string) => {
  const outcome = await Effect.runPromise(outcomeOf(JSON.parse(text)))
  parentPort?.postMessage(JSON.stringify(answerOf(outcome)))
})
