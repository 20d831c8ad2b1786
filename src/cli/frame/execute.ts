import { Cause, Deferred, Effect, Exit, Fiber, FiberId, Logger, LogLevel } from "effect"
import type { Command, ParsedArgs, Report } from "./command.ts"
import { misuseText } from "./misuse-text.ts"
import { Output } from "./output.ts"
import { usageOf } from "./parser.ts"
import { Stop } from "./stop.ts"
import type { World } from "./world.ts"

/**
 * Runs a command to its end and gives the exit code. The report goes to stdout, a failure to stderr as a sentence; with
 * `--json` stdout gets one document in either case, that of a failure being `{"error": {"_tag", "message", …}}`.
 */
export const execute = async (command: Command, args: ParsedArgs, world: World): Promise<number> => {
  const stop = Deferred.unsafeMake<void>(FiberId.none)
  const fiber = Effect.runFork(
    Effect.promise(command.load).pipe(
      Effect.flatMap((handler) => handler(args)),
      Effect.tap((report) => Effect.sync(() => world.stdout(reportText(report, args.json)))),
      Effect.provideService(Output, Output.make(world, args.quiet)),
      Effect.provideService(Stop, Deferred.await(stop)),
      Effect.provide(Logger.replace(Logger.defaultLogger, loggerTo(world))),
      Logger.withMinimumLogLevel(args.quiet ? LogLevel.Warning : LogLevel.Info)
    )
  )
  const signals = endOnSignals(() =>
    command.spec.endsBySignal === true
      ? Deferred.unsafeDone(stop, Effect.void)
      : Effect.runFork(Fiber.interruptFork(fiber))
  )
  const exit = await Effect.runPromise(Fiber.await(fiber))
  const code = signals.stop()
  if (Exit.isSuccess(exit)) return exit.value.exitCode ?? 0
  const interrupted = code === undefined ? Cause.isInterruptedOnly(exit.cause) : Cause.isInterrupted(exit.cause)
  if (interrupted) {
    world.stderr("distgraph: interrupted\n")
    if (args.json) world.stdout(jsonText({ error: { _tag: "Interrupted", message: "interrupted" } }))
    return code ?? 1
  }
  return reportFailure(command, exit.cause, args.json, world)
}

const reportText = ({ lines, data }: Report, json: boolean): string => {
  if (json) return jsonText(data)
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`
}

const jsonText = (data: unknown): string =>
  `${JSON.stringify(data, (_, value) => (typeof value === "bigint" ? String(value) : value), 2)}\n`

interface Failure {
  readonly _tag: string
  readonly message: string
}

const reportFailure = (
  command: Command,
  cause: Cause.Cause<Failure>,
  json: boolean,
  { stdout, stderr }: World
): number => {
  const failures = [...Cause.failures(cause)]
  const [first] = failures
  if (first === undefined || Cause.defects(cause).length > 0) {
    const text = Cause.pretty(cause)
    stderr(`distgraph: this is a bug in distgraph, please report it with these lines:\n${text}\n`)
    if (json) stdout(jsonText({ error: { _tag: "Defect", message: text } }))
    return 1
  }
  if (json) stdout(jsonText({ error: { ...first, _tag: first._tag, message: first.message } }))
  if (first._tag === "UsageError") {
    stderr(misuseText(usageOf(command.spec), first.message))
    return 2
  }
  for (const { message } of failures) stderr(`distgraph: error: ${message}\n`)
  return 1
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** The first signal ends the command in good order; a second one ends the process at once. */
const endOnSignals = (end: () => void) => {
  let code: number | undefined
  const listeners = Object.entries(SIGNALS).map(([signal, signalCode]) => {
    const listener = () => {
      if (code !== undefined) process.exit(signalCode)
      code = signalCode
      end()
    }
    process.on(signal, listener)
    return { signal, listener }
  })
  return {
    /** Gives the exit code of the signal that came, if one came. */
    stop: (): number | undefined => {
      for (const { signal, listener } of listeners) process.off(signal, listener)
      return code
    }
  }
}

const loggerTo = ({ stderr }: World) =>
  Logger.make(({ logLevel, message }) => {
    const words = Array.isArray(message) ? message : [message]
    stderr(`distgraph: ${logLevel.label.toLowerCase()}: ${words.map(String).join(" ")}\n`)
  })
