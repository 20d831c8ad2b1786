import { Clock, Duration, Effect, Either, Exit, Fiber, Queue } from "effect"
import type { Source, SourceError } from "../../source/source.ts"
import type { FedTag, TagFeed } from "../../source/tag-feed.ts"
import type { TagOutcome } from "./export-tag.ts"
import { type Look, look, nothingSeen } from "./follow.ts"
import {
  begun,
  changed,
  contentRead,
  dropped,
  type Ending,
  ended,
  interrupting,
  nextMove,
  noTurns,
  type Pace,
  type Turns
} from "./turns.ts"

/** What happens while tags are watched. */
export type WatchEvent =
  /** It is watched from now on, or its options are others than before. */
  | { readonly _tag: "Watches"; readonly tag: FedTag }
  | { readonly _tag: "Drops"; readonly tag: string }
  | { readonly _tag: "Begins"; readonly tag: string }
  /** A newer change interrupts the export that is under way. */
  | { readonly _tag: "Supersedes"; readonly tag: string }
  | { readonly _tag: "Ends"; readonly tag: string; readonly outcome: TagOutcome }
  /** The hub could not be asked; it is tried again. */
  | { readonly _tag: "CannotLook"; readonly error: SourceError }

export interface Watching<R> {
  readonly pace: Pace
  /** Whether a tag is to be watched, if it asks for it. */
  readonly chosen: (tag: string) => boolean
  /** Exports a tag if there is need; told the event of the content as soon as that was read. */
  readonly exportTag: (tag: FedTag, onRead: (event: number) => void) => Effect.Effect<TagOutcome, never, R>
  readonly tell: (event: WatchEvent) => Effect.Effect<void, never, R>
}

/**
 * Follows the hub for ever, and exports each tag when its turn has come. All watched tags are looked at in the beginning. When this is
 * interrupted an export under way is too; it leaves no half repo.
 */
export const watchTags = <R>(watching: Watching<R>): Effect.Effect<never, never, R | Source | TagFeed> =>
  Effect.gen(function* () {
    const messages = yield* Queue.unbounded<Message>()
    yield* Effect.forkScoped(following(watching, messages))
    let state: State = { turns: noTurns, tags: new Map(), fiber: null }
    while (true) state = yield* step(watching, messages, state)
  }).pipe(Effect.scoped)

type Message =
  | (Look & { readonly _tag: "Looked" })
  | { readonly _tag: "Read"; readonly event: number }
  | { readonly _tag: "Ended"; readonly exit: Exit.Exit<TagOutcome> }
  | { readonly _tag: "TimeIsUp" }

interface State {
  readonly turns: Turns
  readonly tags: ReadonlyMap<string, FedTag>
  /** The export under way. */
  readonly fiber: Fiber.Fiber<TagOutcome> | null
}

/** Before the hub is asked again that could not be. */
const PAUSE = Duration.seconds(5)

/** Looks at the hub for ever. The same failure again and again is told once. */
const following = <R>({ chosen, tell }: Watching<R>, messages: Queue.Enqueue<Message>) =>
  Effect.gen(function* () {
    let seen = nothingSeen
    let failure = ""
    while (true) {
      const found = yield* Effect.either(look(seen, chosen))
      if (Either.isLeft(found)) {
        if (found.left.message !== failure) yield* tell({ _tag: "CannotLook", error: found.left })
        failure = found.left.message
        yield* Effect.sleep(PAUSE)
        continue
      }
      failure = ""
      seen = found.right.seen
      yield* Queue.offer(messages, { _tag: "Looked", ...found.right })
    }
  })

/** Makes the next move, which may be to wait until something happens. */
const step = <R>(watching: Watching<R>, messages: Queue.Queue<Message>, state: State) =>
  Effect.gen(function* () {
    const { exportTag, pace, tell } = watching
    const { fiber, tags, turns } = state
    const now = yield* steadyTime
    const move = nextMove(turns, pace, (tag) => tags.get(tag)?.cancelOthers === true, now)
    switch (move._tag) {
      case "Begin": {
        const tag = tags.get(move.tag)
        if (tag === undefined) return { ...state, turns: dropped(turns, move.tag) }
        yield* tell({ _tag: "Begins", tag: move.tag })
        const exporting = exportTag(tag, (event) => Queue.unsafeOffer(messages, { _tag: "Read", event })).pipe(
          Effect.onExit((exit) => Queue.offer(messages, { _tag: "Ended", exit }))
        )
        return { ...state, turns: begun(turns, move.tag, now), fiber: yield* Effect.forkScoped(exporting) }
      }
      case "Interrupt":
        yield* tell({ _tag: "Supersedes", tag: move.tag })
        if (fiber !== null) yield* Fiber.interruptFork(fiber)
        return { ...state, turns: interrupting(turns) }
      case "Wait": {
        const message = yield* nextMessage(messages, move.until === null ? null : move.until - now)
        return yield* heard(watching, state, message)
      }
    }
  })

/** The next message, or one that says that the time is up. Longer waits than an hour are cut: a timer of Node's has a limit. */
const nextMessage = (messages: Queue.Queue<Message>, milliseconds: number | null) =>
  Effect.gen(function* () {
    if (milliseconds === null) return yield* Queue.take(messages)
    const up = Queue.offer(messages, { _tag: "TimeIsUp" })
    const timer = yield* Effect.fork(Effect.delay(up, Duration.millis(Math.min(milliseconds, 3_600_000))))
    const message = yield* Queue.take(messages)
    yield* Fiber.interrupt(timer)
    return message
  })

const heard = <R>({ tell }: Watching<R>, state: State, message: Message) =>
  Effect.gen(function* () {
    const { turns } = state
    const now = yield* steadyTime
    switch (message._tag) {
      case "TimeIsUp":
        return state
      case "Read":
        return { ...state, turns: contentRead(turns, message.event) }
      case "Looked": {
        const found = message.seen.tags
        const unusable = [...found.values()]
          .filter(({ watching }) => watching._tag === "Unusable")
          .map(({ name }) => name)
        yield* Effect.forEach(message.gone, (tag) => tell({ _tag: "Drops", tag }))
        yield* Effect.forEach(message.changed, (tag) => tell({ _tag: "Watches", tag }))
        const left = [...message.gone, ...unusable].reduce(dropped, turns)
        return {
          ...state,
          tags: found,
          turns: message.touched.reduce((all, { event, tag }) => changed(all, tag, event, now), left)
        }
      }
      case "Ended": {
        const { underWay } = turns
        if (underWay === null) return state
        const wasInterrupted = Exit.isFailure(message.exit) && underWay.interrupted
        const outcome = Exit.getOrElse(message.exit, lost)
        if (!wasInterrupted) yield* tell({ _tag: "Ends", tag: underWay.tag, outcome })
        const ending = wasInterrupted ? ({ _tag: "Interrupted" } as const) : yield* endingOf(outcome, now)
        return { ...state, turns: ended(turns, ending, now), fiber: null }
      }
    }
  })

/** Nobody who is known of interrupted it. */
const lost = (): TagOutcome => ({
  _tag: "Failed",
  error: { _tag: "Interrupted", message: "the export was interrupted" }
})

const endingOf = (outcome: TagOutcome, now: number): Effect.Effect<Ending> =>
  Effect.gen(function* () {
    if (outcome._tag === "Failed") return { _tag: "Failed" }
    if (outcome._tag !== "Waiting") return { _tag: "Done" }
    return { _tag: "Waits", until: now + Math.max(0, outcome.patience.until - (yield* Clock.currentTimeMillis)) + 1 }
  })

/** Milliseconds that go on evenly, whatever becomes of the system's clock. */
const steadyTime = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))
