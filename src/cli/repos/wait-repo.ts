import { Duration, Effect } from "effect"
import { layerDirectory } from "../../../graph/index.ts"
import { currentInternalRepo, usualRepo } from "../../export/internal-repo.ts"
import type { NoSuchTag } from "../../hub/errors.ts"
import { Hub } from "../../hub/hub.ts"
import type { BuildInfo } from "../../hub/model.ts"
import { layerLocalHub } from "../../source/local-hub.ts"
import { make, noTargets } from "../export/regen-repo.ts"
import type { WaitRepo } from "../export/regen-repo-spec.ts"
import { minutesOf, TimedOut } from "../export/timed-out.ts"
import type { ArgsOf, Handler, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { gotRepo } from "../words/got-repo.ts"

type Args = ArgsOf<typeof WaitRepo>

export const waitRepo: Handler<Args> = (args) =>
  Effect.gen(function* () {
    if (args.target) return yield* new UsageError({ reason: noTargets(args.tag) })
    if (args.request && args.noRequest) {
      return yield* new UsageError({ reason: "--request and --no-request are mutually exclusive" })
    }
    const limit = yield* minutesOf(args.timeout)
    const repo = yield* withHub(args.topdir, Effect.provide(waited(args, limit), layerLocalHub))
    return { lines: gotRepo(repo), data: { repo } } satisfies Report
  }).pipe(
    Effect.catchTag("NoSuchTag", (error: NoSuchTag) => new UsageError({ reason: `No such tag: ${error.tag}` })),
    Effect.catchTag("BadRequest", ({ message }) => new UsageError({ reason: message }))
  )

const unexplained = { explain: false, explainAll: false, json: false }

/** The first repo that will do. Koji's client checks the time only where it asked for a repo or waits for builds. */
const waited = ({ builds: nvrs, request, store, tag }: Args, limit: Duration.Duration) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    yield* hub.tagInfo(tag)
    const builds = yield* Effect.forEach(nvrs, hub.build)
    yield* warnOfOthers(tag, builds)
    const look = Effect.gen(function* () {
      if (request) yield* make({ tag, opts: {}, force: false }, unexplained, () => {})
      return builds.length === 0 ? yield* currentInternalRepo(tag) : yield* repoWith(tag, builds)
      // opened for each look: garbage collection needs moments in which nobody has it open
    }).pipe(Effect.provide(layerDirectory(store)))
    return yield* Effect.timeoutFail(untilFound(look), {
      duration: limit,
      onTimeout: () => new TimedOut({ what: missed(tag, nvrs), minutes: Duration.toMinutes(limit) })
    })
  })

const untilFound = <A, E, R>(look: Effect.Effect<A | undefined, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(look, (found) =>
    found === undefined ? Effect.delay(untilFound(look), "2 seconds") : Effect.succeed(found)
  )

/** The tag's newest READY repo of its own options, if these builds were the latest of their packages in it. */
const repoWith = (tag: string, builds: ReadonlyArray<BuildInfo>) =>
  Effect.gen(function* () {
    const repo = yield* usualRepo(tag)
    if (repo === undefined) return undefined
    const latest = yield* latestBuilds(tag, builds, repo.createEvent)
    return builds.every(({ nvr }, index) => latest[index] === nvr) ? { id: repo.id, path: repo.path } : undefined
  })

/** Koji's words on builds that no repo of the tag as it is now would have as the latest. */
const warnOfOthers = (tag: string, builds: ReadonlyArray<BuildInfo>) =>
  Effect.gen(function* () {
    const { warn } = yield* Output
    const latest = yield* latestBuilds(tag, builds, null)
    yield* Effect.forEach(builds, ({ name, nvr }, index) => {
      const current = latest[index]
      if (current === nvr) return Effect.void
      return warn(
        current === undefined
          ? `package ${name} is not in tag ${tag}`
          : `nvr ${nvr} is not current in tag ${tag}\n  latest build is ${current}`
      )
    })
  })

/** N-V-R of the latest build of each of these builds' packages; undefined where the tag has none. */
const latestBuilds = (tag: string, builds: ReadonlyArray<BuildInfo>, event: number | null) =>
  Effect.flatMap(Hub, (hub) =>
    Effect.forEach(builds, ({ name }) =>
      Effect.map(hub.listTagged(tag, { event, inherit: true, latest: true, package: name }), ([build]) => build?.nvr)
    )
  )

const missed = (tag: string, nvrs: ReadonlyArray<string>): string =>
  nvrs.length === 0 ? `no repo had what ${tag} has` : `no repo of ${tag} had ${nvrs.join(", ")}`
