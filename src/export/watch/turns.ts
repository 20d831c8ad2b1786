/**
 * Which tag's turn it is: bursts of changes become one export, newer changes may interrupt an export that is under way, and what has to
 * wait is waited for. Pure: each function gives the state after something happened, and {@link nextMove} says what is to be done now.
 * Times are milliseconds of one clock that never goes back; events are the hub's.
 */
export interface Turns {
  readonly tags: ReadonlyMap<string, Turn>
  readonly underWay: UnderWay | null
}

/** How long changes are gathered. */
export interface Pace {
  /** A tag is exported when nothing has happened to it for so long, */
  readonly quiet: number
  /** or when the first of the changes is as old as this. */
  readonly longest: number
}

/** What is ahead of a tag. */
interface Turn {
  /** The changes that no export has taken up. */
  readonly changes: Changes | null
  /** When it is to be looked at whatever happens. */
  readonly wakeAt: number | null
  /** How often it failed in a row. */
  readonly failures: number
}

interface Changes {
  /** When the first and the last of them were noticed. */
  readonly first: number
  readonly last: number
  /** The newest of them. */
  readonly event: number
}

/** The one export that is under way. */
interface UnderWay {
  readonly tag: string
  /** When the first of the changes was noticed that it takes up. */
  readonly first: number
  /** Up to which event its content is; null before it was read. */
  readonly read: number | null
  readonly interrupted: boolean
}

/** How an export ended. */
export type Ending =
  /** Nothing is left to do. */
  | { readonly _tag: "Done" }
  /** Something is waited for that may not come by an event, or is given up at this time. */
  | { readonly _tag: "Waits"; readonly until: number }
  /** It may go better another time. */
  | { readonly _tag: "Failed" }
  | { readonly _tag: "Interrupted" }

export type Move =
  | { readonly _tag: "Begin"; readonly tag: string }
  | { readonly _tag: "Interrupt"; readonly tag: string }
  /** Nothing before this time, unless something happens; null: nothing at all. */
  | { readonly _tag: "Wait"; readonly until: number | null }

export const noTurns: Turns = { tags: new Map(), underWay: null }

/** An event touched a tag. What the export under way has read already is no news. */
export const changed = (turns: Turns, tag: string, event: number, now: number): Turns => {
  const { underWay } = turns
  if (underWay?.tag === tag && underWay.read !== null && event <= underWay.read) return turns
  const turn = turnOf(turns, tag)
  const { changes } = turn
  const all = { first: changes?.first ?? now, last: now, event: Math.max(event, changes?.event ?? event) }
  return withTurn(turns, tag, { ...turn, changes: all })
}

/** A tag is not watched any more: what was ahead of it is dropped, but an export under way goes on. */
export const dropped = (turns: Turns, tag: string): Turns => ({
  ...turns,
  tags: new Map([...turns.tags].filter(([name]) => name !== tag))
})

/** An export of a tag began. */
export const begun = (turns: Turns, tag: string, now: number): Turns => {
  const turn = turnOf(turns, tag)
  const underWay = { tag, first: turn.changes?.first ?? now, read: null, interrupted: false }
  return { ...withTurn(turns, tag, { ...turn, changes: null, wakeAt: null }), underWay }
}

/** The export under way has read its tag's content, which is that of an event. */
export const contentRead = (turns: Turns, event: number): Turns => {
  const { underWay } = turns
  if (underWay === null) return turns
  const turn = turns.tags.get(underWay.tag)
  const read = { ...turns, underWay: { ...underWay, read: event } }
  const isNews = turn !== undefined && turn.changes !== null && turn.changes.event > event
  return turn === undefined || isNews ? read : withTurn(read, underWay.tag, { ...turn, changes: null })
}

/** The export under way was told to stop. */
export const interrupting = (turns: Turns): Turns => ({
  ...turns,
  underWay: turns.underWay === null ? null : { ...turns.underWay, interrupted: true }
})

/** The export under way ended. Changes keep the age of those that an interrupted one had taken up. */
export const ended = (turns: Turns, ending: Ending, now: number): Turns => {
  const { underWay } = turns
  if (underWay === null) return turns
  const rest = { ...turns, underWay: null }
  const turn = turns.tags.get(underWay.tag)
  if (turn === undefined) return rest
  const after = (change: Partial<Turn>) => withTurn(rest, underWay.tag, { ...turn, ...change })
  switch (ending._tag) {
    case "Done":
      return after({ failures: 0 })
    case "Waits":
      return after({ failures: 0, wakeAt: ending.until })
    case "Failed":
      return after({ failures: turn.failures + 1, wakeAt: now + Math.min(LONGEST_PAUSE, PAUSE * 2 ** turn.failures) })
    case "Interrupted": {
      const { changes } = turn
      return after(
        changes === null ? { wakeAt: now } : { changes: { ...changes, first: Math.min(changes.first, underWay.first) } }
      )
    }
  }
}

/**
 * What is to be done now. One export at a time, that of the tag which has been due for longest. A newer event interrupts the export of a
 * tag that `cancels`, unless the changes have waited as long as they may: so a tag that never rests is exported all the same.
 */
export const nextMove = (turns: Turns, pace: Pace, cancels: (tag: string) => boolean, now: number): Move => {
  const { underWay } = turns
  if (underWay !== null) {
    const { first, interrupted, read, tag } = underWay
    const hasNews = read !== null && (turns.tags.get(tag)?.changes ?? null) !== null
    return hasNews && !interrupted && now < first + pace.longest && cancels(tag)
      ? { _tag: "Interrupt", tag }
      : { _tag: "Wait", until: null }
  }
  const ahead = [...turns.tags].flatMap(([tag, turn]) => {
    const due = dueAt(turn, pace)
    return due === null ? [] : [{ tag, due }]
  })
  const [next] = ahead.sort((a, b) => a.due - b.due || (a.tag < b.tag ? -1 : 1))
  if (next === undefined) return { _tag: "Wait", until: null }
  return next.due <= now ? { _tag: "Begin", tag: next.tag } : { _tag: "Wait", until: next.due }
}

/** After a failure a tag is tried again after a minute, then two, and so on up to an hour; a change of it is taken up as always. */
const PAUSE = 60_000
const LONGEST_PAUSE = 3_600_000

const dueAt = ({ changes, wakeAt }: Turn, { longest, quiet }: Pace): number | null => {
  const rested = changes === null ? null : Math.min(changes.last + quiet, changes.first + longest)
  return rested === null || wakeAt === null ? (rested ?? wakeAt) : Math.min(rested, wakeAt)
}

const idle: Turn = { changes: null, wakeAt: null, failures: 0 }

const turnOf = (turns: Turns, tag: string): Turn => turns.tags.get(tag) ?? idle

const withTurn = (turns: Turns, tag: string, turn: Turn): Turns => ({
  ...turns,
  tags: new Map([...turns.tags, [tag, turn]])
})
