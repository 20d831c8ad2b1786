import { existsSync, mkdirSync, readdirSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { Hub } from "../../src/hub/hub.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { runHere } from "../cli/run-cli.ts"
import { type KojiVariant, tagOf } from "./koji-parity-variant.ts"
import { sharedPath } from "./oracle.ts"
import { continueOracle, ORACLE_USER, readScenario, rebuildOracle } from "./oracle-scenario.ts"

/** What our command made of a variant. */
export interface OurRun {
  readonly code: number | null
  /** The JSON document that it printed. */
  readonly answer: typeof Answer.Type
  readonly stderr: ReadonlyArray<string>
  /** Where the tag's `latest` pointed just after it. */
  readonly latest: number | null
  /** The tag's folder just after it, without `latest`. */
  readonly folder: ReadonlyArray<string>
}

export interface KojiReplay {
  readonly topdir: string
  /** By variant. */
  readonly runs: ReadonlyMap<string, OurRun>
  /** Our id of one of Koji's repos. */
  readonly repoId: (kojiId: number) => number
  /** Of `basic-again-no-change` without `--force`. */
  readonly unforced: OurRun | undefined
  /** Our hub's event of one of Koji's; for those before the first tag that of the first import. */
  readonly hubEvent: (kojiEvent: number) => number
  /** Our ids of each rpm and its build, by file name. */
  readonly rpmIds: ReadonlyMap<string, { readonly id: number; readonly buildId: number }>
  readonly tagIds: ReadonlyMap<string, number>
}

/**
 * Lives the recorded history again, in one hub over one store: the variants' commands in the order of their repo ids, each after the
 * taggings and signed copies that Koji had by then. Every `dist-repo` is run as typed, with `--force`, for Koji always makes a repo; in
 * the place of Koji's plugin tag2distrepo there is `watch --once`, which has to find out itself that there is something to do.
 */
export const replayKoji = async (home: string, variants: ReadonlyArray<KojiVariant>): Promise<KojiReplay> => {
  const topdir = join(home, "topdir")
  const inHub = <A, E>(effect: Effect.Effect<A, E, Hub>): Promise<A> =>
    Effect.runPromise(Effect.provide(effect, Hub.layer(topdir, { user: ORACLE_USER })))
  const run = async (tag: string, line: ReadonlyArray<string>): Promise<OurRun> => {
    const env = { DISTGRAPH_TOPDIR: topdir, DISTGRAPH_STORE: join(home, "store") }
    const { code, stderr, stdout } = await runHere([...line, "--json", "--quiet"], env)
    const tagFolder = join(topdir, "repos-dist", tag)
    const found = existsSync(tagFolder) ? readdirSync(tagFolder) : []
    return {
      code,
      answer: answerOf(stdout),
      stderr: stderr.split("\n").filter((line) => line !== ""),
      latest: found.includes("latest") ? Number(readlinkSync(join(tagFolder, "latest"))) : null,
      folder: found.filter((name) => name !== "latest").sort()
    }
  }

  const events = await inHub(rebuildOracle({ upTo: setupEnd, betatoolCopies: false }))
  const hubEvent = (kojiEvent: number) => Math.max(1, events.hubEvent(kojiEvent))
  mkdirSync(join(topdir, "vol/vol2"), { recursive: true })
  await inHub(Effect.flatMap(Hub, (hub) => hub.addVolume("vol2")))
  const runs = new Map<string, OurRun>()
  const repoId = (kojiId: number): number => {
    const { answer } = runs.get(variants.find((variant) => variant.repoId === kojiId)?.name ?? "") ?? {}
    if (answer === undefined || !("repo" in answer)) throw new Error(`Koji's repo ${kojiId} was not made here`)
    return answer.repo.id
  }
  let unforced: OurRun | undefined
  let reached = { event: setupEnd, repo: 0 }
  for (const variant of [...variants].sort((a, b) => a.repoId - b.repoId)) {
    const now = { event: Math.max(reached.event, variant.createEvent), repo: variant.repoId }
    await inHub(
      Effect.gen(function* () {
        yield* continueOracle({ after: reached.event, upTo: now.event })
        yield* writeBetatoolCopies(reached.repo, now.repo)
      })
    )
    const tag = tagOf(variant)
    const line = variant.byPlugin ? watchLine(variant) : ["dist-repo", ...ourArgs(variant, hubEvent, repoId)]
    if (variant.name === "basic-again-no-change") unforced = await run(tag, line)
    runs.set(variant.name, await run(tag, variant.byPlugin ? line : [...line, "--force"]))
    reached = now
  }
  return { topdir, runs, repoId, unforced, hubEvent, ...(await inHub(ourIds)) }
}

/** The event of the last command that set the recorded hub up; what came later came between the variants. */
const setupEnd = 117

/**
 * `betatool-2.1-1` was imported already signed, and its signed copies were written later: those for x86_64 by the variant
 * `write-signed-rpms`, the others by `koji write-signed-rpm` before `noinherit` (repo 25).
 */
const writeBetatoolCopies = (after: number, upTo: number) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const between = (repo: number) => after < repo && repo <= upTo
    const rpms = readScenario()
      .builds.filter((build) => build.imported_already_signed)
      .flatMap((build) => build.rpms.map((rpm) => rpm.file.slice(0, -".rpm".length)))
    if (between(25)) yield* hub.writeSignedRpms(keyA, rpms)
  })

const keyA = "b234aeac"

/**
 * Koji's words but for three: whether to wait, and whether createrepo_c shall look at sizes and times only, mean nothing here, where
 * metadata goes by content; and events and repo ids are those of our hub. Debug information lies where Koji has it. Where Koji's builder wrote zstd, so do we; databases it always makes.
 */
const ourArgs = (
  { args, zstd }: KojiVariant,
  hubEvent: (kojiEvent: number) => number,
  repoId: (kojiId: number) => number
): ReadonlyArray<string> => [
  ...args
    .filter((word) => !["--wait", "--nowait", "--skip-stat", "--no-skip-stat"].includes(word))
    .map((word, at, words) => {
      const option = words[at - 1] ?? ""
      if (option === "--event") return String(hubEvent(Number(word)))
      if (option === "--delta-rpms" && /^\d+$/.test(word)) return String(repoId(Number(word)))
      return withFile.has(option) ? sharedPath("oracle", "inputs", word) : word
    }),
  ...(args.includes("--split-debuginfo") ? ["--debug-layout", "koji"] : []),
  ...(zstd ? ["--compress", "zstd"] : []),
  "--database"
]

/** What does the plugin's work after a tagging; who signs has had time enough. */
const watchLine = (variant: KojiVariant): ReadonlyArray<string> => [
  ...["watch", "--once", "--tag", tagOf(variant), "--wait-signatures", "0", "--database", "--debug-layout", "koji"],
  ...(variant.zstd ? ["--compress", "zstd"] : [])
]

/** Options that name one of the recorded input files. */
const withFile: ReadonlySet<string> = new Set(["--comps", "--multilib"])

const ourIds = Effect.gen(function* () {
  const hub = yield* Hub
  const rpms = yield* Effect.forEach(readScenario().builds, ({ nvr }) => hub.buildRpms(nvr))
  return {
    rpmIds: new Map(rpms.flat().map((rpm) => [fileName(rpm), { id: rpm.id, buildId: rpm.buildId }])),
    tagIds: new Map((yield* hub.listTags()).map(({ id, name }) => [name, id]))
  }
})

const Unusable = Schema.Struct({
  _tag: Schema.Literal("UnusableContent"),
  unsigned: Schema.Array(Schema.Struct({ nvra: Schema.String, available: Schema.Array(Schema.String) })),
  missingFiles: Schema.Array(Schema.Struct({ nvra: Schema.String, path: Schema.String })),
  sameFileNames: Schema.Array(Schema.Unknown)
})

/** What a `dist-repo` says, and of what `watch` says the same in the same words. */
const answerOf = (stdout: string): typeof Answer.Type => {
  const answer = Schema.decodeSync(Schema.parseJson(Schema.Union(Answer, Watched)))(stdout)
  if (!("tags" in answer)) return answer
  const [tag] = answer.tags
  if (tag.status !== "refused") return tag
  const { unsigned } = tag
  const error = { _tag: "UnusableContent", unsigned, missingFiles: [], sameFileNames: [] } as const
  return { error: { _tag: tag.status, message: "", failures: [{ node: "", error }] } }
}

const Unsigned = Schema.Array(Schema.Struct({ nvra: Schema.String, available: Schema.Array(Schema.String) }))

const Made = Schema.Struct({
  status: Schema.Literal("published", "unchanged"),
  repo: Schema.Struct({ id: Schema.Int, path: Schema.String }),
  unsigned: Schema.optional(Unsigned)
})

const Watched = Schema.Struct({
  tags: Schema.Tuple(Schema.Union(Made, Schema.Struct({ status: Schema.Literal("refused"), unsigned: Unsigned })))
})

const Answer = Schema.Union(
  Made,
  Schema.Struct({
    error: Schema.Struct({
      _tag: Schema.String,
      message: Schema.String,
      failures: Schema.optional(Schema.Array(Schema.Struct({ node: Schema.String, error: Unusable })))
    })
  })
)
