/** A list, and what of it comes next. */
interface Progress<A> {
  readonly list: ReadonlyArray<A>
  next: number
}

/**
 * The elements of several lists, each list in its order, next always of that of which the least share was given. Ropes of the same packages
 * read so come to each package at about the same time, and what the store has together is read once for all of them.
 */
export function* sideBySide<A>(lists: ReadonlyArray<ReadonlyArray<A>>): Generator<readonly [list: number, element: A]> {
  const all = lists.map((list): Progress<A> => ({ list, next: 0 }))
  for (;;) {
    const at = furthestBehind(all)
    const progress = all[at]
    const element = progress?.list[progress.next]
    if (progress === undefined || element === undefined) return
    progress.next += 1
    yield [at, element]
  }
}

/** The index of the list of which the least share was given; -1 where all were given whole. */
const furthestBehind = (all: ReadonlyArray<Progress<unknown>>): number => {
  let furthest = -1
  let least = 1
  for (const [index, { list, next }] of all.entries()) {
    const share = list.length === 0 ? 1 : next / list.length
    if (share >= least) continue
    least = share
    furthest = index
  }
  return furthest
}
