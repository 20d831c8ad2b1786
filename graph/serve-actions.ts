import { parentPort, workerData } from "node:worker_threads"
import { Cause, Context, Effect, Either, Exit, Fiber, Runtime } from "effect"
import { Blobs } from "./blobs.ts"
import type { Digest } from "./digest.ts"
import { describeFileProblem, ExternalFiles, externalFiles, type FileProblem } from "./external-files.ts"
import { accident, EngineFault, FaultNote } from "./failure.ts"
import { rulesUnder } from "./key.ts"
import type { AnyAction, AnyRule } from "./rule.ts"
import { threadBlobs } from "./thread-blobs.ts"
import type { Answer, Batch, WorkerMessage, WorkerStart } from "./worker-protocol.ts"

/**
 * What the entry file of a worker thread calls: computes the actions among these rules and all below them, batch by batch, for the
 * pool that started the thread.
 */
export const serveActions = (roots: ReadonlyArray<AnyRule>): void => {
  const port = parentPort
  if (port === null) throw new Error("actions are served on a worker thread, which a worker pool starts")
  const actions = new Map<string, AnyAction>()
  for (const root of roots) {
    for (const [name, rule] of rulesUnder(root)) if (rule.kind === "action") actions.set(name, rule)
  }
  // the pool starts its threads with this and nothing else
  const { home } = workerData as WorkerStart
  const { blobs, give, takeWritten } = threadBlobs(home)
  const say = (message: WorkerMessage, transfer: Array<ArrayBuffer> = []) => port.postMessage(message, transfer)

  const compute = async ({ blobs: given, files, id, inputs, rule }: Batch): Promise<void> => {
    give(given)
    const action = actions.get(rule)
    const paths = new Map(files)
    const pathsOf = (digests: ReadonlyArray<Digest>) => {
      const found: Array<string> = []
      for (const digest of digests) {
        const path = paths.get(digest)
        if (path === undefined)
          return accident(`${rule} reads the file ${digest}, which is no ExternalFile of its input`)
        found.push(path)
      }
      return Effect.succeed(found)
    }
    const answers: Array<Answer> = []
    if (action === undefined) {
      const missing: Answer = { _tag: "Crash", text: `the worker's entry file does not serve ${rule}` }
      answers.push(...inputs.map(() => missing))
    } else {
      const answerOf = answering(action, blobs, pathsOf)
      for (const input of inputs) answers.push(await answerOf(input))
    }
    const written = takeWritten()
    const memory = new Set(written.map(([, { buffer }]) => buffer))
    say({ _tag: "Done", id, answers, blobs: written }, [...memory])
  }
  // One batch after another: what is written belongs to the one that is being computed.
  let last = Promise.resolve()
  port.on("message", (batch: Batch) => {
    last = last.then(() => compute(batch))
  })
  say({ _tag: "Ready" })
}

/** Computes an action for one input after another: never two at a time, as what goes wrong is noted in one place. */
const answering = (
  action: AnyAction,
  blobs: Context.Tag.Service<Blobs>,
  pathsOf: (digests: ReadonlyArray<Digest>) => Effect.Effect<ReadonlyArray<string>>
) => {
  let fault: EngineFault | undefined
  let problem: FileProblem | undefined
  const files = externalFiles(pathsOf, (found) => {
    problem = found
    return describeFileProblem(found)
  })
  const services = Context.make(Blobs, blobs).pipe(
    Context.add(ExternalFiles, files),
    Context.add(FaultNote, (raised) => {
      fault ??= raised
    })
  )
  const run = Runtime.runFork(Runtime.make({ ...Runtime.defaultRuntime, context: services }))

  const faultAnswer = (raised: EngineFault): Answer => {
    const { failure, message } = raised
    if (failure._tag === "BlobLost") return { _tag: "BlobLost", digest: failure.digest, damaged: failure.damaged }
    return problem === undefined ? { _tag: "Accident", reason: message } : { _tag: "FileUnusable", problem }
  }

  return async (input: string): Promise<Answer> => {
    const began = performance.now()
    fault = undefined
    problem = undefined
    const fiber = run(Effect.suspend(() => action.runEncoded(JSON.parse(input))))
    // Most actions never wait: to ask is a fraction of what a promise costs.
    const exit = fiber.unsafePoll() ?? (await Effect.runPromise(Fiber.await(fiber)))
    const ownMs = performance.now() - began
    if (fault !== undefined) return faultAnswer(fault)
    return Exit.match(exit, {
      onSuccess: (output): Answer => {
        const text: string | undefined = JSON.stringify(output)
        return text === undefined
          ? { _tag: "Crash", text: `an output must have a JSON form; this one is ${typeof output}` }
          : { _tag: "Output", output: text, ownMs }
      },
      onFailure: (cause): Answer => {
        const thrown = Cause.squash(cause)
        if (thrown instanceof EngineFault) return faultAnswer(thrown)
        const encoded = Cause.isFailure(cause) ? action.errors.encode(thrown) : undefined
        return encoded !== undefined && Either.isRight(encoded)
          ? { _tag: "Error", error: encoded.right, ownMs }
          : { _tag: "Crash", text: Cause.pretty(cause) }
      }
    })
  }
}
