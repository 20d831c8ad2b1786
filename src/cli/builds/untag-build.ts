import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import type { UntagBuild } from "./build-specs.ts"

type Args = ArgsOf<typeof UntagBuild>

export const untagBuild = (args: Args) =>
  Effect.gen(function* () {
    const { talk } = yield* Output
    const { tag, builds, all, nonLatest, force, test, topdir } = args
    if (all && nonLatest) return yield* new UsageError({ reason: "--all and --non-latest exclude each other" })
    if (builds.length === 0 && !nonLatest) {
      return yield* new UsageError({
        reason: all ? "Please specify a tag and at least one package" : "Please specify a tag and at least one build"
      })
    }
    const untagged = yield* withHub(
      topdir,
      Effect.gen(function* () {
        const hub = yield* Hub
        const chosen = all || nonLatest ? yield* buildsOfPackages(args) : builds
        if (!test && chosen.length > 0) yield* hub.untagBuild(tag, chosen, { force })
        return chosen
      })
    )
    yield* talk(...untagged.map((build) => (test ? `would have untagged ${build}` : `${build} untagged from ${tag}`)))
    return { lines: [], data: { tag, builds: untagged } } satisfies Report
  })

/** The tag's own builds of the packages named (of all packages if none is), oldest tagging first. */
const buildsOfPackages = ({ tag, builds: packages, nonLatest }: Args) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const tagged = yield* hub.listTagged(tag, { event: null, inherit: false, latest: false })
    const wanted = tagged.filter(({ name }) => packages.length === 0 || packages.includes(name))
    const kept = nonLatest ? new Set(newestOfEach(wanted)) : new Set<string>()
    return wanted.flatMap(({ nvr }) => (kept.has(nvr) ? [] : [nvr])).reverse()
  })

/** The builds are in the order of their tagging, newest first. */
const newestOfEach = (builds: ReadonlyArray<{ readonly name: string; readonly nvr: string }>) =>
  [...Map.groupBy(builds, ({ name }) => name).values()].flatMap(([newest]) => newest?.nvr ?? [])
