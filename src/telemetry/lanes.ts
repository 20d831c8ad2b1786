/** Rows of a chart in which things that overlap in time lie in different rows, and as few rows as will do. */
export interface Lanes {
  /** The lowest row, counted from 1, that nothing is in. */
  readonly take: () => number
  readonly leave: (lane: number) => void
}

export const lanes = (): Lanes => {
  const taken: Array<boolean> = []
  return {
    take: () => {
      const free = taken.indexOf(false)
      const index = free < 0 ? taken.length : free
      taken[index] = true
      return index + 1
    },
    leave: (lane) => {
      taken[lane - 1] = false
    }
  }
}
