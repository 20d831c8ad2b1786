import { join } from "node:path"
import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { HubRpm, ListOptions, TaggedBuild } from "../../hub/model.ts"
import { buildDir, primaryRpm } from "../../koji/topdir.ts"
import { nvr, nvra } from "../../rpm/nevra.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { eventHeading } from "../words/event-heading.ts"
import type { ListTagged } from "./build-specs.ts"

type Args = ArgsOf<typeof ListTagged>

export const listTagged = (args: Args) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const options: ListOptions = {
      event: args.event ?? null,
      inherit: args.inherit,
      latest: args.latest,
      ...(args.package === undefined ? {} : { package: args.package }),
      ...(args.arch.length > 0 ? { arches: args.arch } : {})
    }
    const at = args.event === undefined || args.quiet ? null : yield* hub.event(args.event)
    const heading = at === null ? [] : [eventHeading(at)]
    const report =
      args.rpms || args.sigs || args.arch.length > 0
        ? yield* rpmReport(args, options)
        : yield* buildReport(args, options)
    return { lines: [...heading, ...report.lines], data: report.data } satisfies Report
  }).pipe((effect) => withHub(args.topdir, effect))

const rpmReport = ({ tag, sigs, paths, topdir }: Args, options: ListOptions) =>
  Effect.gen(function* () {
    const { rpms } = yield* Effect.flatMap(Hub, (hub) => hub.listTaggedRpms(tag, options))
    const named = yield* Effect.forEach(rpms, (rpm) =>
      paths
        ? Effect.map(primaryRpm({ volume: null, ...rpm.build }, rpm), (path) => ({ rpm, name: join(topdir, path) }))
        : Effect.succeed({ rpm, name: nvra(rpm) })
    )
    const lines = sigs
      ? named.flatMap(({ rpm, name }) => rpm.signatures.map(({ sigkey }) => `${sigkey} ${name}`))
      : named.map(({ name }) => name)
    return { lines: lines.sort(), data: { rpms: rpms.map(rpmData) } }
  })

const buildReport = ({ tag, paths, quiet, topdir }: Args, options: ListOptions) =>
  Effect.gen(function* () {
    const builds = yield* Effect.flatMap(Hub, (hub) => hub.listTagged(tag, options))
    const lines = yield* Effect.forEach(builds, (build) =>
      paths
        ? Effect.map(buildDir({ volume: null, ...build }), (path) =>
            row(join(topdir, path), build.tagName, build.owner)
          )
        : Effect.succeed(row(build.nvr, build.tagName, build.owner))
    )
    return { lines: [...(quiet ? [] : HEADING), ...lines.sort()], data: { builds: builds.map(buildData) } }
  })

const row = (build: string, tag: string, owner: string): string => `${build.padEnd(40)}  ${tag.padEnd(20)}  ${owner}`

const HEADING = [row("Build", "Tag", "Built by"), row("-".repeat(40), "-".repeat(20), "-".repeat(16))]

const buildData = (build: TaggedBuild) => ({
  build_id: build.id,
  nvr: build.nvr,
  name: build.name,
  version: build.version,
  release: build.release,
  epoch: build.epoch,
  owner_name: build.owner,
  tag_name: build.tagName,
  /** The event that tagged it. */
  create_event: build.createEvent
})

const rpmData = (rpm: HubRpm) => ({
  id: rpm.id,
  nvra: nvra(rpm),
  name: rpm.name,
  version: rpm.version,
  release: rpm.release,
  epoch: rpm.epoch,
  arch: rpm.arch,
  build_id: rpm.buildId,
  build_nvr: nvr(rpm.build),
  payloadhash: rpm.payloadhash,
  size: rpm.size,
  sha256: rpm.primary.sha256,
  signatures: rpm.signatures.map(({ sigkey, copy }) => ({ sigkey, written: copy !== null }))
})
