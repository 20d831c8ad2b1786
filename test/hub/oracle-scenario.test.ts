import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit, ManagedRuntime, Schema } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { nvra } from "../../src/rpm/nevra.ts"
import { allRpms } from "../kit/all-rpms.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { ORACLE_USER, type OracleEvents, readScenario, rebuildOracle } from "../kit/oracle-scenario.ts"

const topdir = join(tmpdir(), `distgraph-oracle-${process.pid}`)
const runtime = ManagedRuntime.make(Hub.layer(topdir, { user: ORACLE_USER }))
const inHub = <A, E>(effect: Effect.Effect<A, E, Hub>): Promise<A> => runtime.runPromise(effect)

describeWithShared("oracle")("the scenario of the recorded Koji, rebuilt in a local hub", () => {
  let events: OracleEvents

  beforeAll(async () => {
    events = await inHub(rebuildOracle())
  }, 60_000)

  afterAll(async () => {
    await runtime.dispose()
    rmSync(topdir, { recursive: true, force: true })
  })

  for (const variant of variants()) {
    const { name, tag, kojiEvent, inherit, latest } = variant
    it(`lists ${tag} for ${name} as Koji did`, async () => {
      const event = events.hubEvent(kojiEvent)
      const [links, builds, content] = await inHub(
        Effect.flatMap(Hub, (hub) =>
          Effect.all([
            hub.fullInheritance(tag, event),
            hub.listTagged(tag, { event, inherit, latest }),
            hub.tagContent(tag, { event, inherit, latest }, allRpms)
          ])
        )
      )
      expect(links.map(linkShape)).toEqual(answer(name, "getFullInheritance", Schema.Array(KojiLink)))
      const kojiBuilds = answer(name, "listTagged", Schema.Array(KojiBuild))
      expect(builds.map((build) => [build.id, build.nvr, build.epoch, build.tagName])).toEqual(
        kojiBuilds.map((build) => [build.id, build.nvr, build.epoch, build.tag_name])
      )
      expect(builds.map((build) => build.createEvent)).toEqual(
        kojiBuilds.map((build) => events.hubEvent(build.create_event))
      )
      for (const arch of ["src", "noarch", "x86_64", "i686", "i386", "aarch64", "ppc64le"]) {
        const method = `listTaggedRPMS-${arch}`
        if (!existsSync(answerPath(name, method))) continue
        const ours = (content.rpms ?? [])
          .filter((rpm) => rpm.arch === arch)
          .flatMap((rpm) => rpm.signatures.map(({ sigkey }) => rpmShape({ ...rpm, build_id: rpm.buildId, sigkey })))
        const kojis = answer(name, method, Schema.Struct({ rpms: Schema.Array(KojiRpm) })).rpms.map(rpmShape)
        expect(ours.sort()).toEqual(kojis.sort())
      }
    })
  }

  it("gives each build, tag and rpm of the recorded hub the same checksums and the written copies", async () => {
    const rpms = await inHub(
      Effect.flatMap(Hub, (hub) =>
        Effect.map(Effect.all(readScenario().builds.map(({ nvr }) => hub.buildRpms(nvr))), (lists) => lists.flat())
      )
    )
    const byName = new Map(rpms.map((rpm) => [`${nvra(rpm)}.rpm`, rpm]))
    for (const { file, signed_copies } of readScenario().builds.flatMap((build) => build.rpms)) {
      const copies = byName.get(file)?.signatures.filter(({ copy }) => copy !== null) ?? []
      expect(Object.fromEntries(copies.map(({ sigkey, copy }) => [sigkey, copy?.sha256]))).toEqual(
        Object.fromEntries(Object.entries(signed_copies).map(([key, copy]) => [key, copy.sha256]))
      )
    }
  })

  it("says that a tag did not exist before the event that made it", async () => {
    const exit = await runtime.runPromiseExit(
      Effect.flatMap(Hub, (hub) =>
        hub.tagContent("dist-1", { event: events.hubEvent(25), inherit: true, latest: true }, allRpms)
      )
    )
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain("No such tagInfo: 'dist-1'")
  })
})

const RepoJson = Schema.Struct({
  tag: Schema.String,
  task_opts: Schema.Struct({ inherit: Schema.Boolean, latest: Schema.Boolean })
})

const KojiLink = Schema.Struct({
  name: Schema.String,
  priority: Schema.Int,
  maxdepth: Schema.NullOr(Schema.Int),
  intransitive: Schema.Boolean,
  noconfig: Schema.Boolean,
  currdepth: Schema.Int,
  nextdepth: Schema.NullOr(Schema.Int),
  filter: Schema.Array(Schema.String)
})

const KojiBuild = Schema.Struct({
  id: Schema.Int,
  nvr: Schema.String,
  epoch: Schema.NullOr(Schema.Int),
  tag_name: Schema.String,
  create_event: Schema.Int
})

const KojiRpm = Schema.Struct({
  name: Schema.String,
  version: Schema.String,
  release: Schema.String,
  epoch: Schema.NullOr(Schema.Int),
  arch: Schema.String,
  build_id: Schema.Int,
  payloadhash: Schema.String,
  size: Schema.Int,
  buildtime: Schema.Int,
  sigkey: Schema.NullOr(Schema.String)
})

const linkShape = ({
  name,
  priority,
  maxdepth,
  intransitive,
  noconfig,
  currdepth,
  nextdepth,
  filter
}: typeof KojiLink.Type): typeof KojiLink.Type => ({
  name,
  priority,
  maxdepth,
  intransitive,
  noconfig,
  currdepth,
  nextdepth,
  filter
})

const rpmShape = (rpm: typeof KojiRpm.Type): string =>
  `${nvra(rpm)} epoch ${rpm.epoch} build ${rpm.build_id} ${rpm.payloadhash} ${rpm.size} ${rpm.buildtime} key ${rpm.sigkey}`

interface Variant {
  readonly name: string
  readonly tag: string
  readonly kojiEvent: number
  readonly inherit: boolean
  readonly latest: boolean
}

/** Every recorded dist-repo that has the hub's answers. */
const variants = (): ReadonlyArray<Variant> => {
  const folder = sharedPath("oracle", "variants")
  const read = <A, I>(name: string, file: string, schema: Schema.Schema<A, I>): A =>
    Schema.decodeUnknownSync(schema)(JSON.parse(readFileSync(join(folder, name, file), "utf8")))
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .filter((name) => existsSync(answerPath(name, "listTagged")))
    .map((name) => {
      const { tag, task_opts } = read(name, "repo.json", RepoJson)
      const { create_event } = read(name, "repoInfo.json", Schema.Struct({ create_event: Schema.Int }))
      return { name, tag, kojiEvent: create_event, inherit: task_opts.inherit, latest: task_opts.latest }
    })
}

const answerPath = (variant: string, method: string): string =>
  sharedPath("oracle", "variants", variant, "hub", `${method}.json`)

const answer = <A, I>(variant: string, method: string, schema: Schema.Schema<A, I>): A =>
  Schema.decodeUnknownSync(schema)(JSON.parse(readFileSync(answerPath(variant, method), "utf8")))
