import type { Asked } from "./asked.ts"

/**
 * Actions that wait for their turn, by the flight that asked for them first: those of earlier flights go first, so that what was begun
 * is ended before more is begun.
 */
export class WaitingActions {
  #groups: Array<Group> = []
  /** The worker thread that has had actions of a flight already. */
  readonly #homes = new Map<number, number>()
  #count = 0
  #cost = 0

  get count(): number {
    return this.#count
  }

  /** About how many milliseconds all of them will take. */
  get cost(): number {
    return this.#cost
  }

  add(order: number, actions: ReadonlyArray<Asked>): void {
    if (actions.length === 0) return
    const at = this.#groups.findIndex((group) => group.order >= order)
    const there = this.#groups[at]
    if (there?.order === order) there.actions.push(...actions)
    else this.#groups.splice(at < 0 ? this.#groups.length : at, 0, { order, actions: [...actions] })
    this.#count += actions.length
    for (const { cost } of actions) this.#cost += cost
  }

  /** The next one that takes no longer than so many milliseconds, if there is one. */
  takeOne(longest: number): Asked | undefined {
    for (const group of this.#groups) {
      const at = group.actions.findIndex(({ cost }) => cost <= longest)
      if (at >= 0) return this.#take(group, at, 1)[0]
    }
    return undefined
  }

  /**
   * The next ones for a worker thread: of one flight and one rule, a few milliseconds of work together. Flights of which no other
   * thread has had any come before those of others. Empty where none begins with an action no longer than `longest`.
   */
  takeBatch(worker: number, longest: number): ReadonlyArray<Asked> {
    const fits = ({ actions: [first] }: Group): boolean => first !== undefined && first.cost <= longest
    const own = this.#groups.find((group) => fits(group) && (this.#homes.get(group.order) ?? worker) === worker)
    const group = own ?? this.#groups.find(fits)
    const first = group?.actions[0]
    if (group === undefined || first === undefined) return []
    if (own !== undefined) this.#homes.set(group.order, worker)
    let cost = 0
    let length = 0
    for (const action of group.actions) {
      const another = action.rule !== first.rule || action.suspect || first.suspect
      if (length > 0 && (another || cost + action.cost > batchCost || length >= batchLength)) break
      cost += action.cost
      length += 1
    }
    return this.#take(group, 0, length)
  }

  #take(group: Group, at: number, length: number): ReadonlyArray<Asked> {
    const taken = group.actions.splice(at, length)
    if (group.actions.length === 0) this.#groups = this.#groups.filter((other) => other !== group)
    this.#count -= taken.length
    for (const { cost } of taken) this.#cost -= cost
    return taken
  }
}

interface Group {
  readonly order: number
  readonly actions: Array<Asked>
}

/** Milliseconds: much more than what handing over costs, little enough to share out what is left at the end. */
const batchCost = 20

const batchLength = 64
