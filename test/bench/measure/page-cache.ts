import { Effect, Option } from "effect"
import { measure } from "./measure.ts"

/** How much of some files is in memory already, from 0 to 1, as util-linux's `fincore` tells; none where there is no such tool. */
export const cachedShare = (files: ReadonlyArray<string>): Effect.Effect<Option.Option<number>> => {
  const step = Math.max(1, Math.floor(files.length / sample))
  const some = files.filter((_, index) => index % step === 0)
  return measure("fincore", ["--bytes", "--noheadings", "--raw", "--output", "RES,SIZE", ...some]).pipe(
    Effect.map(({ stdout }) => {
      const rows = stdout
        .trim()
        .split("\n")
        .map((line) => line.split(" ").map(Number))
      const sum = (column: number): number => rows.reduce((total, row) => total + (row[column] ?? 0), 0)
      // what is resident is counted in whole pages
      return Math.min(1, sum(0) / sum(1))
    }),
    Effect.option,
    Effect.map(Option.filter((share) => !Number.isNaN(share)))
  )
}

const sample = 500
