import { Effect } from "effect"
import type { CreaterepoEvent } from "../../export/createrepo.ts"
import type { ExportEvent } from "../../export/dist-repo.ts"
import { Output, type Screen } from "../frame/output.ts"

/** Shows work as it goes, by the events that it tells; `onEvent` is told them too. */
export const withProgress = <Event extends ExportEvent | CreaterepoEvent, A, E, R>(
  title: string,
  onEvent: (event: Event) => void,
  work: (told: (event: Event) => void) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Output> =>
  Effect.gen(function* () {
    const { screen } = yield* Output
    const shown = progress(title, screen)
    const told = (event: Event): void => {
      shown.onEvent(event)
      onEvent(event)
    }
    return yield* Effect.ensuring(work(told), Effect.sync(shown.end))
  })

/** Shows a run as it goes. */
export interface Progress {
  readonly onEvent: (event: ExportEvent | CreaterepoEvent) => void
  /** Wipes what is on the screen, for whoever prints next. */
  readonly end: () => void
}

/**
 * A title once there is work to do; then on a terminal one line of counts, drawn again at most ten times a second; in a log a
 * plain line every ten seconds of work, so that it tells a long run from a dead one.
 */
export const progress = (title: string, { columns, write }: Screen): Progress => {
  let begun = false
  const counts = { running: 0, ran: 0, reused: 0 }
  let doing = ""
  let shown = performance.now()
  let drawn = false
  const show = (): void => {
    const now = performance.now()
    if (now - shown < (columns === null ? 10_000 : 100)) return
    shown = now
    const text = `${counts.ran} ran, ${counts.running} running, ${counts.reused} reused  ${doing}`
    if (columns === null) {
      write(`${text}\n`)
      return
    }
    drawn = true
    write(`\r\u001b[K${text.slice(0, columns - 1)}`)
  }
  return {
    onEvent: (event) => {
      const works =
        event._tag === "Placed" || event._tag === "Hashed" || (event._tag === "Started" && event.kind === "action")
      if (works && !begun) write(`${title}\n`)
      begun ||= works
      if (event._tag === "Hits") counts.reused += event.labels.length
      if (event._tag === "Started" && event.kind === "action") {
        counts.running += 1
        doing = `${event.rule} ${event.label}`
      }
      if (event._tag === "Finished" && event.kind === "action") {
        counts.running -= 1
        counts.ran += 1
      }
      if (event._tag === "WaitsForPublication") write("waiting for another publication to end\n")
      if (event._tag === "WroteSignedCopies") {
        const copies = event.copies === 1 ? "1 signed copy was" : `${event.copies} signed copies were`
        write(`${copies} written with key ${event.sigkey}\n`)
      }
      if (event._tag === "Hashed") doing = `${event.files} files read`
      if (event._tag === "Placed") doing = `${event.packages} packages placed`
      if (begun) show()
    },
    end: () => {
      if (drawn) write("\r\u001b[K")
    }
  }
}
