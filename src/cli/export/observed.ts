import { Effect, type Scope } from "effect"
import type { ExportEvent } from "../../export/dist-repo.ts"
import { profileFile, type UnwritableProfile } from "../../telemetry/profile-file.ts"
import { telemetry } from "../../telemetry/telemetry.ts"
import { Output } from "../frame/output.ts"
import { version } from "../frame/version.ts"

/** What is observed, and for whom. */
export interface Observation {
  /** The command, `dist-repo`. */
  readonly command: string
  /** What it works on, by its name in telemetry: `{ "distgraph.tag": "f42" }`. */
  readonly subject: Readonly<Record<string, string>>
  /** The file for a Chrome trace. */
  readonly profile: string | undefined
}

/**
 * Runs an export whose events go to the profile that was asked for and to the telemetry that the environment configures. The
 * profile is complete, and the telemetry sent, also where the export fails or is interrupted. The events come to nobody, at no
 * cost, where nobody asked.
 */
export const observed = <A, E, R>(
  { command, profile, subject }: Observation,
  work: (onEvent: (event: ExportEvent) => void) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | UnwritableProfile, Exclude<R, Scope.Scope> | Output> =>
  Effect.gen(function* () {
    const { warn } = yield* Output
    const title = [command, ...Object.values(subject)].join(" ")
    const trace = profile === undefined ? null : yield* profileFile(profile, title, warn)
    const spans = yield* telemetry({ name: command, attributes: subject }, { version: version(), warn })
    const listeners = [trace, spans].filter((listener) => listener !== null)
    return yield* work((event) => {
      for (const listener of listeners) listener(event)
    })
  }).pipe(Effect.scoped)
