import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Hub } from "../../src/hub/hub.ts"
import type { TagGroup } from "../../src/koji/tag-groups.ts"
import { inNewHub } from "../kit/hub.ts"

/** A base, and a child that inherits from it. */
const inScene = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  inNewHub((hub) =>
    Effect.gen(function* () {
      yield* hub.addTag("base")
      yield* hub.addTag("child")
      yield* hub.addTagInheritance("child", "base")
      return yield* effect(hub)
    })
  )

/** Groups in few words: `core(base): bash, !rpm, @devel`; what is blocked begins with "!". */
const told = (groups: ReadonlyArray<TagGroup>): ReadonlyArray<string> =>
  groups.map(({ blocked, name, packages, requirements, tagName }) => {
    const words = [
      ...packages.map((entry) => `${entry.blocked ? "!" : ""}${entry.package}`),
      ...requirements.map((needed) => `${needed.blocked ? "!" : ""}@${needed.name}`)
    ]
    return `${blocked ? "!" : ""}${name}(${tagName})${words.length > 0 ? `: ${words.sort().join(", ")}` : ""}`
  })

const groups = (hub: Hub["Type"], tag: string, options?: Parameters<Hub["Type"]["groups"]>[1]) =>
  Effect.map(hub.groups(tag, options), told)

const messageOf = <A, E extends Error>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

describe("groups", () => {
  it("have packages and need other groups; they are inherited, by name", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addGroup("base", "core")
        yield* hub.addGroupPackages("base", "core", ["rpm", "bash", "rpm"])
        yield* hub.addGroup("child", "build")
        yield* hub.addGroupRequirement("child", "build", "core")
        expect(yield* groups(hub, "base")).toEqual(["core(base): bash, rpm"])
        expect(yield* groups(hub, "child")).toEqual(["build(child): @core", "core(base): bash, rpm"])
        expect(yield* groups(hub, "child", { inherit: false })).toEqual(["build(child)"])
      })
    ))

  it("of a parent take more packages in a child, and what the child says of one of them holds there", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addGroup("base", "core")
        yield* hub.addGroupPackages("base", "core", ["rpm", "bash"])
        yield* hub.addGroupPackages("child", "core", ["bash", "vim"])
        yield* hub.blockGroupPackages("child", "core", ["rpm"])
        expect(yield* groups(hub, "child")).toEqual(["core(base): bash, vim"])
        expect(yield* groups(hub, "child", { blocked: true })).toEqual(["core(base): !rpm, bash, vim"])
        expect(yield* groups(hub, "base")).toEqual(["core(base): bash, rpm"])
        yield* hub.unblockGroupPackages("child", "core", ["rpm"])
        expect(yield* groups(hub, "child")).toEqual(["core(base): bash, rpm, vim"])
      })
    ))

  it("that are blocked have nothing in them, and nothing needs them", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addGroup("base", "core")
        yield* hub.addGroupPackages("base", "core", ["bash"])
        yield* hub.addGroup("base", "build")
        yield* hub.addGroupRequirement("base", "build", "core")
        yield* hub.blockGroup("child", "core")
        expect(yield* groups(hub, "child")).toEqual(["build(base)"])
        expect(yield* groups(hub, "child", { blocked: true })).toEqual(["build(base)", "!core(child)"])
        yield* hub.unblockGroup("child", "core")
        expect(yield* groups(hub, "child")).toEqual(["build(base): @core", "core(base): bash"])
      })
    ))

  it("need a group no longer where that is blocked", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addGroup("base", "core")
        yield* hub.addGroup("base", "build")
        yield* hub.addGroupRequirement("base", "build", "core")
        yield* hub.blockGroupRequirement("child", "build", "core")
        expect(yield* groups(hub, "child")).toEqual(["build(base)", "core(base)"])
        expect(yield* messageOf(hub.addGroupRequirement("child", "build", "core"))).toBe(
          "requirement on group core blocked in group build, tag child"
        )
        yield* hub.unblockGroupRequirement("child", "build", "core")
        expect(yield* groups(hub, "child")).toEqual(["build(base): @core", "core(base)"])
      })
    ))

  it("can be read as they were at every event", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const events: Array<number> = []
        for (const change of [
          hub.addGroup("base", "core"),
          hub.addGroupPackages("base", "core", ["bash", "rpm"]),
          hub.blockGroupPackages("base", "core", ["rpm"]),
          hub.blockGroup("base", "core"),
          hub.unblockGroup("base", "core")
        ]) {
          yield* change
          events.push((yield* hub.lastEvent)?.id ?? 0)
        }
        const then = yield* Effect.forEach(events, (event) => groups(hub, "base", { event }))
        // as in Koji, an own group that was blocked is gone with the block
        expect(then).toEqual([["core(base)"], ["core(base): bash, rpm"], ["core(base): bash"], [], []])
        expect(new Set(events).size).toBe(events.length)
        expect((yield* hub.history("base")).map(({ action, subject }) => [action, subject])).toMatchObject([
          ["created", { kind: "tag" }],
          ["created", { kind: "group", group: "core" }],
          ["created", { kind: "group-package", package: "bash" }],
          ["created", { kind: "group-package", package: "rpm" }],
          ["edited", { kind: "group-package", package: "rpm" }],
          ["edited", { kind: "group", group: "core" }],
          ["revoked", { kind: "group", group: "core" }]
        ])
      })
    ))

  it("that are there already are no change; only an own one is refused", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addGroup("base", "core")
        yield* hub.addGroupPackages("base", "core", ["bash"])
        const before = yield* hub.lastEvent
        yield* hub.addGroup("child", "core")
        yield* hub.addGroupPackages("child", "core", ["bash"])
        expect(yield* hub.lastEvent).toEqual(before)
        expect(yield* messageOf(hub.addGroup("base", "core"))).toBe("Group core already exists for tag base")
      })
    ))

  it("are refused in Koji's words, all problems at once, and nothing is changed", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addGroup("base", "core")
        yield* hub.blockGroupPackages("base", "core", ["rpm", "vim"])
        const before = yield* hub.lastEvent
        const messages = yield* Effect.forEach(
          [
            hub.addGroup("nosuch", "core"),
            hub.addGroup("base", "a b"),
            hub.blockGroup("base", "nosuch"),
            hub.unblockGroup("base", "core"),
            hub.addGroupPackages("base", "nosuch", ["bash"]),
            hub.addGroupPackages("base", "core", ["rpm", "bash", "vim", "../x y"]),
            hub.unblockGroupPackages("base", "core", ["bash", "rpm", "emacs"]),
            hub.addGroupRequirement("base", "core", "nosuch"),
            hub.unblockGroupRequirement("base", "core", "core")
          ],
          messageOf
        )
        expect(messages).toEqual([
          "No such tagInfo: 'nosuch'",
          "'a b' is no group name",
          "Group nosuch doesn't exist within tag base",
          "group core is NOT blocked in tag base",
          "group nosuch not present in tag base",
          "'../x y' is no package name\npackage rpm blocked in group core, tag base\npackage vim blocked in group core, tag base",
          "package bash is NOT blocked in group core, tag base\npackage emacs is NOT blocked in group core, tag base",
          "No such entry in table groups: nosuch",
          "group req core is NOT blocked in group core, tag base"
        ])
        expect(yield* hub.lastEvent).toEqual(before)
        yield* hub.blockGroup("base", "core")
        expect(yield* messageOf(hub.addGroup("child", "core"))).toBe("group core is blocked in tag child")
        expect(yield* messageOf(hub.addGroupPackages("child", "core", ["a"]))).toBe(
          "group core is blocked in tag child"
        )
      })
    ))
})
