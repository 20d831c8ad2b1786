import { Effect } from "effect"

/** A part of an export whose time a person may want to see. `wait`, `write` and `finish` are the parts of `publish`. */
export type Phase = "snapshot" | "compare" | "evaluate" | "verify" | "publish" | "wait" | "write" | "finish" | "explain"

/** One phase lies within another or after it, and never crosses it. */
export type PhaseEvent =
  | { readonly _tag: "Entered"; readonly phase: Phase }
  /** Also where the phase failed or was interrupted. */
  | { readonly _tag: "Left"; readonly phase: Phase }

type Listener = (event: PhaseEvent) => void

/** Tells the listener when an effect begins and ends. */
export const during = <A, E, R>(
  phase: Phase,
  onEvent: Listener,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => inTurn(phase, onEvent, () => effect)

/** The same for an effect of several phases: it begins with the first and says when it goes on to another. */
export const inTurn = <A, E, R>(
  first: Phase,
  onEvent: Listener,
  effect: (goOn: (phase: Phase) => void) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let current = first
    const enter = (phase: Phase): void => {
      current = phase
      onEvent({ _tag: "Entered", phase })
    }
    const leave = (): void => onEvent({ _tag: "Left", phase: current })
    return Effect.acquireUseRelease(
      Effect.sync(() => enter(first)),
      () =>
        effect((phase) => {
          leave()
          enter(phase)
        }),
      () => Effect.sync(leave)
    )
  })
