import type { Measurement } from "../measure/measure.ts"
import type { Costs } from "./report.ts"

/** Sums up the rounds of one command; null where there were none. */
export const costsOf = (rounds: ReadonlyArray<Measurement>): Costs | null =>
  rounds.length === 0
    ? null
    : {
        wallSeconds: spreadOf(rounds.map(({ wallSeconds }) => wallSeconds)),
        cpuSeconds: spreadOf(rounds.map(({ cpuSeconds }) => cpuSeconds)),
        peakRssMiB: mostOf(rounds.map(({ peakRssMiB }) => peakRssMiB).filter((peak) => !Number.isNaN(peak)))
      }

const spreadOf = (numbers: ReadonlyArray<number>) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return { median: (below + above) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

const mostOf = (numbers: ReadonlyArray<number>): number | null => (numbers.length === 0 ? null : Math.max(...numbers))
