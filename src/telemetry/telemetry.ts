import { Cause, Effect, Exit, type Scope } from "effect"
import type { ExportEvent } from "../export/dist-repo.ts"
import { otlpSettings } from "./otlp-settings.ts"
import { type RunSpan, runSpans } from "./run-spans.ts"

/**
 * Sends OpenTelemetry spans of what the given listener is told, when the scope closes, if the environment names a collector; else
 * gives null. The export goes on whatever becomes of it: `warn` is told once.
 */
export const telemetry = (
  root: { readonly name: string; readonly attributes: RunSpan["attributes"] },
  { version, warn }: { readonly version: string; readonly warn: (text: string) => Effect.Effect<void> }
): Effect.Effect<((event: ExportEvent) => void) | null, never, Scope.Scope> =>
  Effect.gen(function* () {
    // the libraries that send read it too
    const settings = otlpSettings(process.env)
    if (settings._tag === "Off") return null
    if (settings._tag === "Impossible") {
      yield* warn(`no telemetry is sent: ${settings.reason}`)
      return null
    }
    const spans = runSpans(root, performance.now())
    yield* Effect.addFinalizer((exit) =>
      Effect.gen(function* () {
        const whole = spans.end(performance.now(), errorOf(exit))
        // they take longer to load than all else of a command
        const { sendSpans } = yield* Effect.promise(() => import("./send-spans.ts"))
        const problem = yield* Effect.promise(() => sendSpans(whole, { ...settings, version }))
        if (problem !== null) yield* warn(`the telemetry for ${settings.endpoint} had a problem: ${problem}`)
      }).pipe(Effect.catchAllCause((cause) => warn(`no telemetry was sent: ${Cause.pretty(cause)}`)))
    )
    return (event) => spans.on(event, performance.now())
  })

const errorOf = (exit: Exit.Exit<unknown, unknown>): string | null => {
  if (Exit.isSuccess(exit)) return null
  if (Cause.isInterrupted(exit.cause)) return "interrupted"
  return Cause.prettyErrors(exit.cause)
    .map(({ message }) => message)
    .join("\n")
}
