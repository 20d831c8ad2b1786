import { parseArgs } from "node:util"
import { Either } from "effect"
import { type CaseName, caseNames } from "./cases/case.ts"
import type { Compression } from "./measure/createrepo-c.ts"
import { benchArches } from "./packages/arches.ts"

export interface BenchOptions {
  /** Packages in each arch's repository, one after the other. */
  readonly packages: ReadonlyArray<number>
  readonly arches: ReadonlyArray<string>
  /** Bytes; the second is that of the case in which createrepo_c must read payloads and we need not. */
  readonly payload: number
  readonly largePayload: number
  readonly rounds: number
  readonly seed: number
  readonly cases: ReadonlyArray<CaseName>
  /** "recorded", "even" or a repodata folder: whose numbers of files the packages have. */
  readonly like: string
  /** Files a package, on average. */
  readonly files: number
  readonly compress: Compression
  /** How many builds the case of many builds replaces, and how many states the store keeps in the case of its size. */
  readonly many: number
  readonly states: number
  /** Trivial nodes for the scheduler alone. */
  readonly nodes: number
  readonly breakdown: boolean
  /** Where generated packages are kept for another time. */
  readonly data: string | undefined
  /** Leaves the results where they are, too. */
  readonly keep: boolean
  readonly json: string | undefined
  readonly createrepo: string
  readonly distgraph: string | undefined
}

export const usage = `Usage: npm run bench -- [options]

Generates packages, exports them with distgraph and with createrepo_c in the same cases, and prints what each took.

  --packages 2000,7000    Packages of each arch, one run a number; several give a growth table
  --arches 4              How many arches (1 to 4); 60 % of the packages are noarch, shared by all
  --payload 65536         Bytes of each payload
  --large-payload 1048576 The same where createrepo_c reads payloads and distgraph need not
  --cases ${caseNames.join(",").replaceAll(/(.{40,55}),/g, "$1,\n                          ")}
  --rounds 3              Each command is repeated so often; the median is given
  --like recorded         Whose numbers of files the packages have: a real repository's as recorded here,
                          those of the repodata folder given, or (even) those of the models in turn
  --files 43              Files a package, on average
  --compress gz           gz, or zstd where the createrepo_c can write it
  --many 300              Builds replaced in the case many-builds
  --states 3              Further states that the store keeps in the case store-size
  --nodes 100000          Trivial nodes in the case scheduler
  --no-breakdown          Leave out the extra, unmeasured round that tells the costs by rule
  --seed 1                Another seed gives other packages
  --data DIR              Keep the generated packages there, and take them from there if they are there
  --keep                  Leave the results where they are, too
  --json FILE             Write the report there as JSON
  --createrepo-c PATH     Compare with this createrepo_c
  --distgraph FILE        Measure this script (by default: what "npm run build" builds, or else the sources)
`

/** A Left says what is wrong with the arguments; undefined asks for help. */
export const readOptions = (args: ReadonlyArray<string>): Either.Either<BenchOptions | undefined, string> =>
  Either.gen(function* () {
    const values = yield* parsed(args)
    if (values.help) return undefined
    const cases = yield* each(values.cases, "--cases", (name) => caseNames.find((known) => known === name))
    const [arches = 0] = yield* numbers(values.arches, "--arches", 1)
    if (arches > benchArches.length) return yield* Either.left(`--arches: there are ${benchArches.length}`)
    const number = (text: string, option: string) => Either.map(numbers(text, option, 1), ([first = 0]) => first)
    const compress = values.compress === "gz" || values.compress === "zstd" ? values.compress : undefined
    if (compress === undefined) return yield* Either.left("--compress: gz or zstd")
    return {
      packages: yield* numbers(values.packages, "--packages"),
      arches: benchArches.slice(0, arches),
      payload: yield* number(values.payload, "--payload"),
      largePayload: yield* number(values["large-payload"], "--large-payload"),
      rounds: yield* number(values.rounds, "--rounds"),
      seed: yield* number(values.seed, "--seed"),
      cases,
      like: values.like,
      files: yield* number(values.files, "--files"),
      compress,
      many: yield* number(values.many, "--many"),
      states: yield* number(values.states, "--states"),
      nodes: yield* number(values.nodes, "--nodes"),
      breakdown: !values["no-breakdown"],
      data: values.data,
      keep: values.keep,
      json: values.json,
      createrepo: values["createrepo-c"],
      distgraph: values.distgraph
    }
  })

const parsed = (args: ReadonlyArray<string>) =>
  Either.try({
    try: () => parseArgs({ args: [...args], options: known }).values,
    catch: (cause) => (cause instanceof Error ? cause.message : String(cause))
  })

const known = {
  packages: { type: "string", default: "2000,7000" },
  arches: { type: "string", default: "4" },
  payload: { type: "string", default: "65536" },
  "large-payload": { type: "string", default: "1048576" },
  cases: { type: "string", default: caseNames.join(",") },
  rounds: { type: "string", default: "3" },
  like: { type: "string", default: "recorded" },
  files: { type: "string", default: "43" },
  compress: { type: "string", default: "gz" },
  many: { type: "string", default: "300" },
  states: { type: "string", default: "3" },
  nodes: { type: "string", default: "100000" },
  "no-breakdown": { type: "boolean", default: false },
  seed: { type: "string", default: "1" },
  data: { type: "string" },
  keep: { type: "boolean", default: false },
  json: { type: "string" },
  "createrepo-c": { type: "string", default: "createrepo_c" },
  distgraph: { type: "string" },
  help: { type: "boolean", default: false }
} as const

const each = <A>(text: string, option: string, read: (part: string) => A | undefined) =>
  Either.all(
    text
      .split(",")
      .map((part) => Either.fromNullable(read(part.trim()), () => `${option}: "${part}" is not understood`))
  )

const numbers = (text: string, option: string, most = Number.POSITIVE_INFINITY) =>
  each(text, option, (part) => (/^[1-9]\d{0,8}$/.test(part) ? Number(part) : undefined)).pipe(
    Either.filterOrLeft(
      (found) => found.length <= most,
      () => `${option}: one number`
    )
  )
