import { writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { Cause, Effect, Exit } from "effect"
import { type CaseResult, runCases } from "./cases.ts"

const usage = `Usage: npm run bench -- [--packages 2000,20000] [--rounds 3] [--payload 65536] [--seed 1] [--json FILE] [--keep]

Generates packages, exports them with distgraph and with createrepo_c in the same cases, and prints what each took (medians).
`

const positive = (text: string): number | undefined => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined)

const columns = ["packages", "case", "distgraph s", "createrepo_c s", "ratio", "cpu ratio", "MiB", "createrepo_c MiB"]

const row = ({ packages, name, distgraph, createrepo }: CaseResult): ReadonlyArray<string> => [
  String(packages),
  name,
  distgraph.wallSeconds.toFixed(2),
  createrepo.wallSeconds.toFixed(2),
  (distgraph.wallSeconds / createrepo.wallSeconds).toFixed(3),
  (distgraph.cpuSeconds / createrepo.cpuSeconds).toFixed(3),
  distgraph.peakRssMiB.toFixed(0),
  createrepo.peakRssMiB.toFixed(0)
]

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = columns.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>): string =>
    cells
      .map((cell, column) => (column === 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
  return rows.map((cells) => `${line(cells).trimEnd()}\n`).join("")
}

const { values } = parseArgs({
  options: {
    packages: { type: "string", default: "2000,20000" },
    rounds: { type: "string", default: "3" },
    payload: { type: "string", default: "65536" },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false }
  }
})

const sizes = values.packages.split(",").map(positive)
const [rounds, payloadBytes, seed] = [values.rounds, values.payload, values.seed].map(positive)

const program = Effect.gen(function* () {
  const results: Array<CaseResult> = []
  for (const packages of sizes) {
    if (packages === undefined || rounds === undefined || payloadBytes === undefined || seed === undefined) continue
    results.push(...(yield* runCases({ packages, rounds, payloadBytes, seed, keep: values.keep })))
  }
  process.stdout.write(table([columns, ...results.map(row)]))
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ cpus: cpus().length, node: process.version, rounds, payloadBytes, seed, results }, undefined, 2)}\n`
    )
})

if (values.help) process.stdout.write(usage)
else if ([...sizes, rounds, payloadBytes, seed].includes(undefined)) {
  process.stderr.write(usage)
  process.exitCode = 2
} else {
  const exit = await Effect.runPromiseExit(program)
  if (Exit.isFailure(exit)) {
    const failures = [...Cause.failures(exit.cause)].map((failure) => failure.message)
    process.stderr.write(`${failures.length > 0 ? failures.join("\n") : Cause.pretty(exit.cause)}\n`)
    process.exitCode = 1
  }
}
