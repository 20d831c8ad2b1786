import type { RunRecord } from "../store.ts"

/** For how long and up to what size results are kept. Times in milliseconds, sizes in bytes. */
export interface GcPolicy {
  /** What was used or written so lately stays, whatever the size. */
  readonly keepWithin: number
  /** What was not used for so long goes, though it is the newest of its label. */
  readonly lifetime: number
  /** Older states go until the rest fits into it; `null` for no bound. */
  readonly maxSize: number | null
}

/** All that the runs of one root came to. The newest state of a label is what was last published, or last found unchanged. */
export interface State {
  /** The root's node key. */
  readonly root: string
  /** Of its newest run. */
  readonly label: string
  /** Its newest run. */
  readonly run: number
  /** Milliseconds since the epoch. */
  readonly lastUsed: number
  readonly standing: Standing
}

/**
 * What the log says for or against a state. `recent` and `newest` stay; `older` ones stay as long as there is room; `unused` ones are too
 * old, and `foreign` ones were made by rules that are not known here, so nothing of them can be a hit any more. `held` was
 * used lately, though not by rules that are known here.
 */
export type Standing = "recent" | "held" | "newest" | "older" | "unused" | "foreign"

/** What is known of a root: whether its result is there, and whether of a rule that is known. */
export type RootKind = "known" | "foreign" | "absent"

/** When something was last used, at the latest, for it not to stay only because it was used lately. */
export const recentSince = (policy: Pick<GcPolicy, "keepWithin">, now: number): number => now - policy.keepWithin

/** The states of which the store has the root, in the order in which they get their room: what stays in any case first, then by last use. */
export const statesOf = (
  runs: ReadonlyArray<RunRecord>,
  kindOf: (root: string) => RootKind,
  { lifetime, now, since }: { readonly since: number; readonly now: number; readonly lifetime: number }
): ReadonlyArray<State> => {
  const latest = new Map<string, Omit<State, "standing">>()
  for (const { finished, id, label, root, started, status } of runs) {
    if (status !== "succeeded" || root === null) continue
    const lastUsed = finished ?? started
    const known = latest.get(root)
    if (known === undefined || isLater({ lastUsed, run: id }, known))
      latest.set(root, { root, label, run: id, lastUsed })
  }
  const there = [...latest.values()].filter(({ root }) => kindOf(root) !== "absent")
  const newest = newestOfLabels(runs, (root) => kindOf(root) === "known")
  const standingOf = ({ lastUsed, root }: Omit<State, "standing">): Standing => {
    const known = kindOf(root) === "known"
    if (lastUsed >= since) return known ? "recent" : "held"
    if (!known) return "foreign"
    if (now - lastUsed > lifetime) return "unused"
    return newest.has(root) ? "newest" : "older"
  }
  return there
    .map((state): State => ({ ...state, standing: standingOf(state) }))
    .sort((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing) || (isLater(a, b) ? -1 : 1))
}

const order: ReadonlyArray<Standing> = ["recent", "held", "newest", "older", "unused", "foreign"]

const isLater = (a: Pick<State, "lastUsed" | "run">, b: Pick<State, "lastUsed" | "run">): boolean =>
  a.lastUsed > b.lastUsed || (a.lastUsed === b.lastUsed && a.run > b.run)

/** The root of the newest succeeded run of each label: one that is there, for only that can be a hit. */
const newestOfLabels = (runs: ReadonlyArray<RunRecord>, isThere: (root: string) => boolean): ReadonlySet<string> => {
  const newest = new Map<string, string>()
  for (const { label, root, status } of runs.toSorted((a, b) => a.id - b.id)) {
    if (status === "succeeded" && root !== null && isThere(root)) newest.set(label, root)
  }
  return new Set(newest.values())
}
