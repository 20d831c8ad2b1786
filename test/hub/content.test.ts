import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Hub } from "../../src/hub/hub.ts"
import type { FormerContent, HubRpm, TagContent } from "../../src/hub/model.ts"
import { allRpms } from "../kit/all-rpms.ts"
import { fixture, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"
import { inNewHub } from "../kit/hub.ts"

const now = { event: null, inherit: true, latest: true }

/** Imports the packages of some builds, all but the one held back, and tags the builds in a parent of the tag "child". */
const fill = (hub: Hub["Type"]) =>
  Effect.gen(function* () {
    yield* hub.importRpms(
      fixtureNames("unsigned")
        .filter((name) => name !== heldBack)
        .map((name) => fixture("unsigned", name))
    )
    yield* hub.addTag("parent", { arches: "x86_64" })
    yield* hub.addTag("child")
    yield* hub.addTagInheritance("child", "parent")
    yield* hub.addPackages("parent", ["hello", "libgreet", "minish", "weather", "clockwork"])
    yield* hub.tagBuild("parent", [
      "hello-1.0-1",
      "libgreet-2.0-3",
      "minish-5-2",
      "weather-2.0~rc1-1",
      "clockwork-3.2-4"
    ])
  })

const heldBack = "greet-doc-2.0-3.noarch.rpm"

const inFilledHub = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  inNewHub((hub) => Effect.zipRight(Effect.orDie(fill(hub)), effect(hub)))

const formerOf = ({ moment, packages, stamp }: TagContent<unknown>): FormerContent => {
  if (moment === null) throw new Error("a filled hub has a moment")
  return { moment, packages, stamp }
}

/** Reads a content as it is, does something, and reads on from there. */
const readOn = <A, E>(hub: Hub["Type"], change: Effect.Effect<A, E>, options = now) =>
  Effect.gen(function* () {
    const former = formerOf(yield* hub.tagContent("child", options, allRpms))
    yield* change
    return yield* hub.tagContent("child", options, allRpms, undefined, former)
  })

const touchedBy = <A, E>(hub: Hub["Type"], change: Effect.Effect<A, E>, options = now) =>
  Effect.map(readOn(hub, change, options), ({ touched }) => (touched === null ? null : [...touched.packages].sort()))

describe("what is read on from a former content", () => {
  it("are the rpms of the packages that were touched, and where the former content lists theirs", () =>
    inFilledHub((hub) =>
      Effect.gen(function* () {
        const read = yield* readOn(hub, hub.tagBuild("parent", ["hello-1.1-1"]))
        const nvras = (rpms: ReadonlyArray<HubRpm> = []) =>
          rpms.map(({ arch, name, version }) => `${name}-${version}.${arch}`)
        expect(nvras(read.touched?.now)).toEqual(["hello-1.1.aarch64", "hello-1.1.src", "hello-1.1.x86_64"])
        expect(
          read.touched?.before
            .map(({ arch, build, name, version }) => `${name}-${version}.${arch} of ${build.version}`)
            .sort()
        ).toEqual(["hello-1.0.aarch64 of 1.0", "hello-1.0.src of 1.0", "hello-1.0.x86_64 of 1.0"])
        expect(read.stamp).toEqual((yield* hub.tagContent("child", now, allRpms)).stamp)
      })
    ))

  it("is told by every write that can change a content, package by package", () =>
    inFilledHub((hub) =>
      Effect.gen(function* () {
        const sign = (write: boolean) => hub.importSignatures([fixture("key-a", "hello-1.0-1.x86_64.rpm")], { write })
        const copy = (force: boolean) => hub.writeSignedRpms(fixtureKeys.a, ["hello-1.0-1.x86_64"], { force })
        expect(yield* touchedBy(hub, sign(false))).toEqual(["hello"])
        expect(yield* touchedBy(hub, copy(false))).toEqual(["hello"])
        expect(yield* touchedBy(hub, hub.importRpms([fixture("unsigned", heldBack)]))).toEqual(["libgreet"])
        expect(yield* touchedBy(hub, hub.tagBuild("parent", ["hello-1.0-1"], { force: true }))).toEqual(["hello"])
        expect(yield* touchedBy(hub, hub.blockPackages("child", ["weather"]))).toEqual(["weather"])
        expect(yield* touchedBy(hub, hub.unblockPackages("child", ["weather"]))).toEqual(["weather"])
        expect(yield* touchedBy(hub, hub.untagBuild("parent", ["minish-5-2"]))).toEqual(["minish"])
        expect(yield* touchedBy(hub, hub.addPackages("child", ["scratchpad"]))).toEqual(["scratchpad"])
        expect(yield* touchedBy(hub, hub.tagBuild("child", ["scratchpad-0.1-1"]))).toEqual(["scratchpad"])
      })
    ))

  it("is nothing where nothing happened to the tag, its parents and their files", () =>
    inFilledHub((hub) =>
      Effect.gen(function* () {
        const elsewhere = Effect.gen(function* () {
          yield* hub.addTag("elsewhere")
          yield* hub.addTagInheritance("elsewhere", "parent")
          yield* hub.addPackages("elsewhere", ["forecast"])
          yield* hub.tagBuild("elsewhere", ["forecast-0.9^git20240131.abc1234-2", "hello-1.1-1"])
          yield* hub.importSignatures([fixture("key-b", "hello-1.1-1.x86_64.rpm")])
        })
        const read = yield* readOn(hub, elsewhere)
        expect([read.rpms, read.touched]).toEqual([null, { packages: new Set(), before: [], now: [] }])
        // without parents, what their builds do does not matter, but their package lists do
        const alone = { ...now, inherit: false }
        expect(yield* touchedBy(hub, hub.tagBuild("parent", ["hello-1.1-1"]), alone)).toEqual([])
        yield* hub.tagBuild("child", ["hello-1.0-1", "weather-2.0~rc1-1", "minish-5-2", "clockwork-3.2-4"])
        expect(yield* touchedBy(hub, hub.blockPackages("parent", ["hello"]), alone)).toEqual(["hello"])
      })
    ))

  it("has the stamp of what is no package's, too", () =>
    inFilledHub((hub) =>
      Effect.gen(function* () {
        const read = yield* readOn(hub, hub.editTag("parent", { extra: { note: "new" }, arches: "x86_64 aarch64" }))
        expect(read).toMatchObject({ touched: { packages: new Set() }, arches: ["x86_64", "aarch64"] })
        expect(read.stamp).toEqual({
          event: read.event,
          time: (yield* hub.tagContent("child", now, allRpms)).stamp.time
        })
      })
    ))

  it("is everything where an inheritance changed, here or at a parent", () =>
    inFilledHub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("grandparent")
        expect(yield* touchedBy(hub, hub.addTagInheritance("parent", "grandparent"))).toBeNull()
        expect(yield* touchedBy(hub, hub.removeTagInheritance("child", "parent"))).toBeNull()
      })
    ))

  it("is everything where more than a quarter of the packages was touched, or an event is asked for", () =>
    inFilledHub((hub) =>
      Effect.gen(function* () {
        expect(yield* touchedBy(hub, hub.tagBuild("parent", ["hello-1.1-1"]))).toEqual(["hello"])
        const two = hub.untagBuild("parent", ["minish-5-2", "clockwork-3.2-4"])
        const read = yield* readOn(hub, two)
        expect([read.touched, read.packages]).toEqual([null, 3])
        const former = formerOf(read)
        const past = yield* hub.tagContent("child", { ...now, event: former.moment.event }, allRpms, undefined, former)
        expect([past.touched, past.moment]).toEqual([null, null])
      })
    ))

  it("is everything where the former moment is of another hub, or of a history that was put back", () =>
    inFilledHub((hub) =>
      Effect.gen(function* () {
        const former = formerOf(yield* hub.tagContent("child", now, allRpms))
        const from = (moment: Partial<FormerContent["moment"]>) =>
          Effect.map(
            hub.tagContent("child", now, allRpms, undefined, { ...former, moment: { ...former.moment, ...moment } }),
            ({ touched }) => touched
          )
        expect(yield* from({})).not.toBeNull()
        expect(yield* from({ hub: "another" })).toBeNull()
        expect(yield* from({ time: former.moment.time + 1 })).toBeNull()
        expect(yield* from({ event: former.moment.event + 1 })).toBeNull()
      })
    ))
})
