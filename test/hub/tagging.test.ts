import { Effect, Either } from "effect"
import { expect, it } from "vitest"
import type { Hub } from "../../src/hub/hub.ts"
import type { ContentOptions } from "../../src/hub/model.ts"
import { allRpms } from "../kit/all-rpms.ts"
import { inNewHub } from "../kit/hub.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

const rpm = (folder: "unsigned" | "keyA" | "keyB", name: string) => sharedPath("oracle", "rpms", folder, name)

/** gammadoc 1.0-1, 1.0-2 and 1.1~rc1-1, iota 1.0-1, two tags of which "child" inherits from "parent", both with both packages. */
const inScene = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  inNewHub((hub) =>
    Effect.gen(function* () {
      yield* hub.importRpms(
        [
          "gammadoc-1.0-1.noarch",
          "gammadoc-1.0-2.noarch",
          "gammadoc-1.1~rc1-1.noarch",
          "iota-1.0-1.x86_64",
          "iota-1.0-1.src"
        ].map((nvra) => rpm("unsigned", `${nvra}.rpm`))
      )
      for (const tag of ["parent", "child"]) yield* hub.addTag(tag)
      yield* hub.addTagInheritance("child", "parent")
      yield* hub.addPackages("parent", ["gammadoc", "iota"])
      return yield* effect(hub)
    })
  )

const now: ContentOptions = { event: null, inherit: true, latest: true }
const builds = (hub: Hub["Type"], tag: string, options = now) =>
  Effect.map(hub.listTagged(tag, options), (list) => list.map(({ nvr, tagName }) => `${nvr} in ${tagName}`))

describeWithShared("oracle")("tagging", () => {
  it("makes the build latest that is tagged last, whatever its version, the later of two arguments too", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.tagBuild("parent", ["gammadoc-1.0-2", "gammadoc-1.0-1"])
        expect(yield* builds(hub, "parent")).toEqual(["gammadoc-1.0-1 in parent"])
        yield* hub.tagBuild("parent", ["gammadoc-1.0-2"], { force: true })
        expect(yield* builds(hub, "parent")).toEqual(["gammadoc-1.0-2 in parent"])
        expect(yield* builds(hub, "parent", { ...now, latest: false })).toEqual([
          "gammadoc-1.0-2 in parent",
          "gammadoc-1.0-1 in parent"
        ])
      })
    ))

  it("prefers the nearest tag that has any build of a package", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.tagBuild("child", ["gammadoc-1.0-1"])
        yield* hub.tagBuild("parent", ["gammadoc-1.0-2", "iota-1.0-1"])
        expect(yield* builds(hub, "child")).toEqual(["gammadoc-1.0-1 in child", "iota-1.0-1 in parent"])
        expect(yield* builds(hub, "child", { ...now, inherit: false })).toEqual(["gammadoc-1.0-1 in child"])
      })
    ))

  it("is undone by untagging, and can be seen at every event", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.tagBuild("parent", ["gammadoc-1.0-1"])
        const tagged = (yield* hub.lastEvent)?.id ?? 0
        yield* hub.untagBuild("parent", ["gammadoc-1.0-1"])
        expect(yield* builds(hub, "parent")).toEqual([])
        expect(yield* builds(hub, "parent", { ...now, event: tagged })).toEqual(["gammadoc-1.0-1 in parent"])
        expect(yield* builds(hub, "parent", { ...now, event: tagged - 1 })).toEqual([])
      })
    ))

  it("is refused as by Koji, for all builds at once, and then tags none", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const refused = (tag: string, nvrs: ReadonlyArray<string>) =>
          Effect.map(Effect.flip(hub.tagBuild(tag, nvrs)), (error) => error.message)
        yield* hub.addTag("other")
        yield* hub.tagBuild("parent", ["iota-1.0-1"])
        yield* hub.blockPackages("child", ["gammadoc"])
        expect(yield* refused("parent", ["gammadoc-1.0-1", "iota-1.0-1"])).toBe(
          "build iota-1.0-1 already tagged (parent)"
        )
        expect(yield* refused("child", ["gammadoc-1.0-1"])).toBe("Package gammadoc is blocked in child")
        expect(yield* refused("other", ["gammadoc-1.0-1", "iota-1.0-1"])).toBe(
          "Package gammadoc not in list for other\nPackage iota not in list for other"
        )
        expect(yield* refused("parent", ["a-1-1", "b"])).toBe("No such build: 'a-1-1', 'b'")
        expect(yield* builds(hub, "parent")).toEqual(["iota-1.0-1 in parent"])
        const untag = yield* Effect.flip(hub.untagBuild("parent", ["gammadoc-1.0-1"]))
        expect(untag.message).toBe("build gammadoc-1.0-1 not in tag parent")
      })
    ))

  it("into a locked tag needs force", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.editTag("parent", { locked: true })
        expect((yield* Effect.flip(hub.tagBuild("parent", ["iota-1.0-1"]))).message).toContain("Tag parent is locked")
        yield* hub.tagBuild("parent", ["iota-1.0-1"], { force: true })
        expect((yield* Effect.flip(hub.untagBuild("parent", ["iota-1.0-1"]))).message).toContain("is locked")
      })
    ))

  it("does not show builds of packages that are blocked or not listed", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.tagBuild("parent", ["gammadoc-1.0-1", "iota-1.0-1"])
        yield* hub.blockPackages("child", ["iota"])
        expect(yield* builds(hub, "child")).toEqual(["gammadoc-1.0-1 in parent"])
        expect((yield* builds(hub, "parent")).length).toBe(2)
      })
    ))
})

describeWithShared("oracle")("the content of a tag", () => {
  it("has each rpm once, by name, also when its build is tagged twice along the inheritance", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.tagBuild("parent", ["iota-1.0-1"])
        yield* hub.tagBuild("child", ["iota-1.0-1", "gammadoc-1.0-1"])
        const all = { ...now, latest: false }
        expect((yield* hub.listTagged("child", all)).length).toBe(3)
        const { rpms } = yield* hub.tagContent("child", all, allRpms)
        expect((rpms ?? []).map(({ name, arch }) => `${name}.${arch}`)).toEqual([
          "gammadoc.noarch",
          "iota.src",
          "iota.x86_64"
        ])
        const narrowed = yield* hub.listTaggedRpms("child", { ...all, package: "iota", arches: ["src"] })
        expect([narrowed.rpms.length, narrowed.builds.length]).toEqual([1, 2])
      })
    ))

  it("has the signatures of now, also at a past event", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.tagBuild("parent", ["iota-1.0-1"])
        const event = (yield* hub.lastEvent)?.id ?? 0
        yield* hub.importSignatures([rpm("keyA", "iota-1.0-1.src.rpm")])
        const [src] = (yield* hub.tagContent("parent", { ...now, event }, allRpms)).rpms ?? []
        expect(src?.signatures.map(({ sigkey, copy }) => [sigkey, copy !== null])).toEqual([
          ["", false],
          ["b234aeac", true]
        ])
      })
    ))

  it("is stamped with the newest event that touched it, and with no other", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const stamp = (options = now) =>
          Effect.map(hub.tagContent("child", options, allRpms), (content) => content.stamp.event)
        const last = Effect.map(hub.lastEvent, (event) => event?.id ?? 0)
        const start = yield* last
        const atStart = yield* stamp()
        const steps: ReadonlyArray<readonly [Effect.Effect<unknown, unknown>, boolean]> = [
          [hub.tagBuild("parent", ["iota-1.0-1"]), true],
          [hub.addTag("elsewhere"), false],
          [hub.addPackages("elsewhere", ["iota", "gammadoc"]), false],
          [hub.tagBuild("elsewhere", ["gammadoc-1.0-1"]), false],
          [hub.importSignatures([rpm("keyA", "gammadoc-1.0-1.noarch.rpm")]), false],
          [hub.importSignatures([rpm("keyA", "iota-1.0-1.src.rpm")], { write: false }), true],
          [hub.writeSignedRpms("b234aeac", ["iota-1.0-1.src"]), true],
          [hub.importRpms([rpm("unsigned", "iota-1.0-1.i686.rpm")]), true],
          [hub.editTag("parent", { extra: { a: 1 } }), true],
          [hub.blockPackages("child", ["gammadoc"]), true],
          [hub.tagBuild("elsewhere", ["gammadoc-1.0-2"]), false],
          [hub.untagBuild("parent", ["iota-1.0-1"]), true],
          [hub.removeTagInheritance("child", "parent"), true],
          [hub.tagBuild("parent", ["gammadoc-1.0-1"]), false]
        ]
        for (const [step, touches] of steps) {
          const before = yield* stamp()
          yield* step
          expect(yield* stamp()).toBe(touches ? yield* last : before)
        }
        expect(yield* stamp({ ...now, event: start })).toBe(atStart)
      })
    ))

  it("is without inheritance not touched by the parents' builds, but by their package lists", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const stamp = Effect.map(
          hub.tagContent("child", { ...now, inherit: false }, allRpms),
          (content) => content.stamp.event
        )
        const before = yield* stamp
        yield* hub.tagBuild("parent", ["iota-1.0-1"])
        expect(yield* stamp).toBe(before)
        yield* hub.blockPackages("parent", ["iota"])
        expect(yield* stamp).toBeGreaterThan(before)
      })
    ))

  it("is read at one moment: with the tag, its arches of now, and the newest event of all", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.tagBuild("parent", ["iota-1.0-1"])
        const event = (yield* hub.lastEvent)?.id ?? 0
        yield* hub.editTag("parent", { arches: "x86_64 i686" })
        yield* hub.addTag("elsewhere")
        const content = yield* hub.tagContent("child", now, allRpms)
        expect(content.tag).toMatchObject({ name: "child", arches: "" })
        expect(content.arches).toEqual(["x86_64", "i686"])
        expect(content.rpms).toEqual((yield* hub.listTaggedRpms("child", now)).rpms)
        expect(content.event).toBe((yield* hub.lastEvent)?.id)
        const stamped = yield* hub.event(content.stamp.event)
        expect(content.stamp.time).toBe(Math.floor(stamped.time / 1000))
        const past = yield* hub.tagContent("child", { ...now, event }, allRpms)
        expect([past.event, past.arches]).toEqual([event, content.arches])
      })
    ))

  it("is not read where the caller objects to the arches; what is wrong with the event comes after that", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.editTag("child", { arches: "x86_64" })
        const failure = (tag: string, objection: Either.Either<void, { readonly message: string }>) =>
          Effect.map(
            Effect.flip(
              hub.tagContent(tag, { ...now, event: 99 }, allRpms, (arches) =>
                arches[0] === "x86_64" ? objection : Either.void
              )
            ),
            ({ message }) => message
          )
        const objection = Either.left({ message: "no" })
        expect(yield* failure("nowhere", objection)).toBe("No such tagInfo: 'nowhere'")
        expect(yield* failure("child", objection)).toBe("no")
        expect(yield* failure("child", Either.void)).toBe("No such event: 99")
      })
    ))
})
