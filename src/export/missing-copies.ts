import { Effect } from "effect"
import { RunFailed } from "../../graph/index.ts"
import { UnusableContent } from "../../rules/index.ts"
import { Hub } from "../hub/hub.ts"

/**
 * An export that, where signed copies are missing of which the hub has the signature headers, writes them and starts again. Koji
 * writes them too where something else stops the export later.
 */
export const writingMissingCopies = <A, E, R>(
  exporting: Effect.Effect<A, E, R>,
  onWritten: (sigkey: string, copies: number) => void
) =>
  Effect.catchAll(exporting, (error) =>
    Effect.gen(function* () {
      const missing = missingCopies(error)
      if (missing.length === 0) return yield* Effect.fail(error)
      yield* writeCopies(missing, onWritten)
      return yield* exporting
    })
  )

/** Writes the signed copies that were found missing. */
export const writeCopies = (
  missing: UnusableContent["missingFiles"],
  onWritten: (sigkey: string, copies: number) => void
) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    for (const [sigkey, copies] of Map.groupBy(missing, (copy) => copy.sigkey)) {
      yield* hub.writeSignedRpms(
        sigkey,
        copies.map(({ nvra }) => nvra)
      )
      onWritten(sigkey, copies.length)
    }
  })

const missingCopies = (error: unknown): UnusableContent["missingFiles"] =>
  error instanceof RunFailed
    ? error.failures.flatMap(({ error }) => (error instanceof UnusableContent ? error.missingFiles : []))
    : []
