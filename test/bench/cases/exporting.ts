import { existsSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { RepoStory } from "../../../src/export/story.ts"
import { benchTag } from "../data/hub-filling.ts"
import { settle } from "../measure/bare-costs.ts"
import { type Ability, runDistgraph } from "../measure/distgraph.ts"
import { footprintOf } from "../measure/footprint.ts"
import type { CommandFailed, Measurement } from "../measure/measure.ts"
import type { Counts, RuleCost } from "../report/report.ts"
import { type Bench, type CaseName, UnexpectedOutcome } from "./case.ts"

/** A way in which distgraph is asked for an export. Each has a store of its own, so that none works for another. */
export interface Variant {
  /** "" for everything on and hard links, the default. */
  readonly name: string
  readonly args: ReadonlyArray<string>
  readonly needs: ReadonlyArray<Ability>
}

export const everything: Variant = { name: "", args: [], needs: [] }

/** The default, and what may be left out where a second counts. */
export const variants: ReadonlyArray<Variant> = [
  everything,
  { name: "no open checksum", args: ["--no-open-checksum"], needs: ["no-open-checksum"] },
  {
    name: "shared, no open checksum",
    args: ["--layout", "shared", "--no-open-checksum"],
    needs: ["no-open-checksum", "layout-shared"]
  }
]

/** An export that was made, or found unnecessary. */
export interface Export {
  readonly cost: Measurement
  readonly status: "published" | "unchanged"
  /** The repo's folder, with one below it for each arch. */
  readonly path: string
  /** Both of an export with `--explain`: what it did, and what it spent in each rule, the dearest first. */
  readonly counts: Counts | null
  readonly byRule: ReadonlyArray<RuleCost> | null
}

export const storeOf = ({ data }: Pick<Bench, "data">, name: string): string =>
  join(data.folders.store, name === "" ? "everything" : name.replaceAll(/\W+/g, "-"))

/** Exports the tag; afterwards only the newest repo of the tag is there, for room. */
export const exportTag = (
  bench: Bench,
  variant: Variant,
  more: ReadonlyArray<string> = []
): Effect.Effect<Export, CommandFailed> =>
  Effect.gen(function* () {
    const { data, options } = bench
    yield* settle
    const installation = { topdir: data.folders.topdir, store: storeOf(bench, variant.name) }
    const compress = options.compress === "gz" ? [] : ["--compress", options.compress]
    const args = ["dist-repo", benchTag, "--json", "--allow-missing-signatures", ...compress, ...variant.args, ...more]
    const cost = yield* runDistgraph(bench.distgraph, installation, args)
    const { repo, status, story } = Schema.decodeUnknownSync(Outcome)(cost.stdout)
    removeOlder(join(data.folders.topdir, "repos-dist", benchTag), String(repo.id))
    return {
      cost,
      status,
      path: repo.path,
      counts: story === null ? null : countsOf(story, repo.path),
      byRule: story === null ? null : story.graph.ran.toSorted((a, b) => b.ownMs - a.ownMs)
    }
  })

/** Exports, and fails unless a new repo is made. */
export const publishTag = (bench: Bench, when: CaseName, variant: Variant, more: ReadonlyArray<string> = []) =>
  Effect.filterOrFail(
    exportTag(bench, variant, more),
    ({ status }) => status === "published",
    () => new UnexpectedOutcome({ when, what: "distgraph found nothing to do" })
  )

/** Brings a variant up to date with the tag, so that what comes next is one change away from it; not measured. */
export const makeCurrent = (bench: Bench, variant: Variant): Effect.Effect<Export, CommandFailed> =>
  Effect.zipRight(
    existsSync(storeOf(bench, variant.name))
      ? Effect.void
      : bench.say(`  (a first export${shown(variant)}, not measured)`),
    exportTag(bench, variant)
  )

/** Removes a store, for an export from scratch. */
export const emptyStore = (bench: Bench, name: string): Effect.Effect<void> =>
  Effect.sync(() => rmSync(storeOf(bench, name), { recursive: true, force: true, maxRetries: 3 }))

const Outcome = Schema.parseJson(
  Schema.Struct({
    status: Schema.Literal("published", "unchanged"),
    repo: Schema.Struct({ id: Schema.Int, path: Schema.String }),
    story: Schema.NullOr(RepoStory)
  })
)

const countsOf = ({ graph }: RepoStory, path: string): Counts => {
  const { bytes, files, packages } = footprintOf(path)
  const nodes = (some: ReadonlyArray<{ readonly nodes: number }>) => some.reduce((sum, each) => sum + each.nodes, 0)
  return {
    nodesRun: nodes(graph.ran),
    nodesReused: nodes(graph.reused),
    packagesOpened: nodes(graph.ran.filter(({ rule }) => rule === "package-metadata")),
    filesWritten: files.length,
    bytesWritten: bytes,
    packagesLinked: packages
  }
}

const shown = ({ name }: Variant): string => (name === "" ? "" : `, ${name}`)

const removeOlder = (tagFolder: string, newest: string): void => {
  for (const name of readdirSync(tagFolder)) {
    if (/^\d+$/.test(name) && name !== newest) rmSync(join(tagFolder, name), { recursive: true })
  }
}
