import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Data, Effect, Schema } from "effect"
import { type CommandFailed, type Measurement, measure } from "./measure.ts"

/** The distgraph under measurement. */
export interface Distgraph {
  /** The script that node runs. */
  readonly entry: string
  /** Whether that is the bundle that users get, not the sources. */
  readonly built: boolean
  readonly version: string
  /** Which of its abilities that cases need it has. */
  readonly can: ReadonlySet<Ability>
}

/** The folders of one distgraph installation under measurement. */
export interface Installation {
  readonly topdir: string
  readonly store: string
}

/** A command line that a case needs, without which it is left out. */
export type Ability = "createrepo" | "no-open-checksum" | "layout-shared"

export class BuildMissing extends Data.TaggedError("BuildMissing")<{ readonly entry: string }> {
  override get message(): string {
    return `"npm run build" left no ${this.entry}, which package.json names as the command: there is nothing to measure.`
  }
}

const root = join(import.meta.dirname, "../../..")

/** Runs `distgraph ARGS…`, and measures it. */
export const runDistgraph = (
  { entry }: Distgraph,
  installation: Installation,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Effect.Effect<Measurement, CommandFailed> =>
  measure(process.execPath, [entry, ...args], {
    ...env,
    DISTGRAPH_TOPDIR: installation.topdir,
    DISTGRAPH_STORE: installation.store
  })

/** This checkout's distgraph, built if it can be, or another script given; `scratch` is a folder for trying it. */
export const openDistgraph = (
  given: string | undefined,
  scratch: string
): Effect.Effect<Distgraph, CommandFailed | BuildMissing> =>
  Effect.gen(function* () {
    const made = given === undefined ? yield* buildHere : { entry: given, built: !given.endsWith(".ts") }
    const { stdout } = yield* measure(process.execPath, [made.entry, "--version"])
    const can = yield* Effect.filter(abilities, ([, args]) => understands(made.entry, args, scratch))
    return { ...made, version: stdout.trim(), can: new Set(can.map(([ability]) => ability)) }
  })

/** Only as much of package.json as matters here. */
const PackageJson = Schema.parseJson(
  Schema.Struct({
    scripts: Schema.Record({ key: Schema.String, value: Schema.String }),
    bin: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
  })
)

const buildHere = Effect.gen(function* () {
  const { bin, scripts } = Schema.decodeUnknownSync(PackageJson)(readFileSync(join(root, "package.json"), "utf8"))
  const bundle = bin?.["distgraph"]
  if (bundle === undefined || scripts["build"] === undefined) {
    return { entry: join(root, "src/cli/main.ts"), built: false }
  }
  yield* measure("npm", ["--prefix", root, "run", "-s", "build"])
  const entry = join(root, bundle)
  return existsSync(entry) ? { entry, built: true } : yield* new BuildMissing({ entry })
})

const noSuchTag = ["dist-repo", "no-such-tag", "--allow-missing-signatures"]
const abilities: ReadonlyArray<readonly [Ability, ReadonlyArray<string>]> = [
  ["createrepo", ["createrepo", "--help"]],
  ["no-open-checksum", [...noSuchTag, "--no-open-checksum"]],
  ["layout-shared", [...noSuchTag, "--layout", "shared"]]
]

/** Whether a command line is understood: it succeeds, or fails for want of a hub or of the tag that it names and not for its options. */
const understands = (entry: string, args: ReadonlyArray<string>, scratch: string): Effect.Effect<boolean> =>
  measure(process.execPath, [entry, "--topdir", scratch, "--store", join(scratch, "store"), ...args]).pipe(
    Effect.as(true),
    Effect.catchAll(({ outcome, stderr }) =>
      Effect.succeed(outcome === "exit code 1" || stderr.includes("No such tag"))
    )
  )
