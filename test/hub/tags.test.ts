import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { inNewHub } from "../kit/hub.ts"

describe("tags", () => {
  it("have arches and extra, and are listed by name", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("f42", { arches: "x86_64, aarch64", extra: { b: [1], a: { x: null } } })
        yield* hub.addTag("a/b")
        yield* hub.addTag("Z")
        expect((yield* hub.listTags()).map(({ name }) => name)).toEqual(["Z", "a/b", "f42"])
        const tag = yield* hub.tagInfo("f42")
        expect(tag).toEqual({
          id: 1,
          name: "f42",
          arches: "x86_64 aarch64",
          extra: { a: { x: null }, b: [1] },
          locked: false
        })
      })
    ))

  it("are refused with Koji's words where they are there already, and where their names cannot be", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("f42")
        expect((yield* Effect.flip(hub.addTag("f42"))).message).toBe("A tag with the name 'f42' already exists")
        expect((yield* Effect.flip(hub.addTag("f 42"))).message).toContain("may only have letters")
        expect((yield* Effect.flip(hub.addTag("x", { arches: "../x" }))).message).toContain("is no architecture")
        expect((yield* Effect.flip(hub.addTag("x", { arches: "../x x86_64 a:b" }))).message.split("\n")).toEqual([
          "'../x' is no architecture: letters, digits, _ and - are allowed",
          "'a:b' is no architecture: letters, digits, _ and - are allowed"
        ])
        expect((yield* Effect.flip(hub.tagInfo("f43"))).message).toBe("No such tagInfo: 'f43'")
        expect(yield* hub.lastEvent).toMatchObject({ id: 1 })
      })
    ))

  it("can be edited, and every past state be read again", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("f42", { arches: "x86_64", extra: { keep: 1, drop: 2 } })
        yield* hub.editTag("f42", { arches: "aarch64", extra: { keep: 3 }, removeExtra: ["drop"] })
        yield* hub.editTag("f42", { locked: true })
        expect(yield* hub.tagInfo("f42", 1)).toMatchObject({ arches: "x86_64", extra: { keep: 1, drop: 2 } })
        expect(yield* hub.tagInfo("f42", 2)).toMatchObject({ arches: "aarch64", extra: { keep: 3 }, locked: false })
        expect(yield* hub.tagInfo("f42")).toMatchObject({ arches: "aarch64", extra: { keep: 3 }, locked: true })
        expect((yield* Effect.flip(hub.tagInfo("f42", 0))).message).toBe("No such tagInfo: 'f42' at event 0")
        expect((yield* Effect.flip(hub.editTag("f42", { removeExtra: ["drop"] }))).message).toContain("'drop'")
        expect((yield* Effect.flip(hub.editTag("f42", { removeExtra: ["keep", "drop", "no"] }))).message).toBe(
          "Tag f42 has no extra key 'drop'\nTag f42 has no extra key 'no'"
        )
      })
    ))

  it("edited to what they are allocate no event", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("f42", { arches: "x86_64", extra: { a: 1 } })
        yield* hub.editTag("f42", { arches: "x86_64", extra: { a: 1 } })
        expect(yield* hub.lastEvent).toMatchObject({ id: 1 })
      })
    ))
})

describe("inheritance", () => {
  it("folds in extra from the nearest tag that has or blocks it, but not through noconfig links", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        for (const tag of ["child", "parent", "grand", "silent"]) yield* hub.addTag(tag)
        yield* hub.editTag("grand", { extra: { a: "grand", b: "grand", c: "grand" } })
        yield* hub.editTag("parent", { extra: { a: "parent" }, blockExtra: ["b"] })
        yield* hub.editTag("silent", { extra: { d: "silent" } })
        yield* hub.addTagInheritance("child", "parent", { priority: 1 })
        yield* hub.addTagInheritance("child", "silent", { priority: 2, noconfig: true })
        yield* hub.addTagInheritance("parent", "grand")
        const config = yield* hub.buildConfig("child")
        expect(config.extra).toEqual({ a: "parent", c: "grand" })
        expect(config.inheritedFrom).toEqual({ a: "parent", c: "grand" })
        expect((yield* hub.tagInfo("child")).extra).toEqual({})
      })
    ))

  it("refuses a used priority, a parent twice and a filter that cannot be read", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        for (const tag of ["a", "b", "c"]) yield* hub.addTag(tag)
        yield* hub.addTagInheritance("a", "b", { priority: 5 })
        const message = (parent: string, options: { priority: number; pkgFilter?: string }) =>
          Effect.map(Effect.flip(hub.addTagInheritance("a", parent, options)), (error) => error.message)
        expect(yield* message("c", { priority: 5 })).toContain("already an active inheritance with that priority")
        expect(yield* message("b", { priority: 6 })).toContain("already a parent")
        expect(yield* message("c", { priority: 6, pkgFilter: "(" })).toMatch(
          /^Inheritance a -> c: the package filter "\("/
        )
        expect(yield* message("nosuch", { priority: 6 })).toBe("No such tagInfo: 'nosuch'")
      })
    ))

  it("lists a tag's own links by priority, also one whose parent comes earlier by another way", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        for (const tag of ["a", "b", "c"]) yield* hub.addTag(tag)
        yield* hub.addTagInheritance("a", "b", { priority: 10 })
        yield* hub.addTagInheritance("a", "c", { priority: 0 })
        yield* hub.addTagInheritance("c", "b")
        expect((yield* hub.inheritance("a")).map(({ name }) => name)).toEqual(["c", "b"])
        expect((yield* hub.inheritance("a", 4)).map(({ name }) => name)).toEqual(["b"])
      })
    ))

  it("can be removed, and is still there at earlier events", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        for (const tag of ["a", "b"]) yield* hub.addTag(tag)
        yield* hub.addTagInheritance("a", "b")
        yield* hub.removeTagInheritance("a", "b")
        expect(yield* hub.fullInheritance("a")).toEqual([])
        expect((yield* hub.fullInheritance("a", 3)).map(({ name }) => name)).toEqual(["b"])
        expect((yield* Effect.flip(hub.removeTagInheritance("a", "b"))).message).toBe("Tag a has no inheritance from b")
      })
    ))
})

describe("package lists", () => {
  it("are inherited, so that an inherited package gets no entry of its own", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        for (const tag of ["child", "parent"]) yield* hub.addTag(tag)
        yield* hub.addTagInheritance("child", "parent")
        yield* hub.addPackages("parent", ["bash"], { owner: "ann" })
        expect(yield* hub.addPackages("child", ["bash", "zsh", "zsh"])).toEqual({ added: ["zsh"], already: ["bash"] })
        expect((yield* Effect.flip(hub.addPackages("child", ["a b", "fish", ".c", "a b"]))).message).toBe(
          "'a b' is no package name\n'.c' is no package name"
        )
        const list = yield* hub.listPackages("child")
        expect(list.map(({ packageName, tagName, owner }) => [packageName, tagName, owner])).toEqual([
          ["bash", "parent", "ann"],
          ["zsh", "child", "tester"]
        ])
      })
    ))

  it("can be blocked below and unblocked again", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        for (const tag of ["child", "parent"]) yield* hub.addTag(tag)
        yield* hub.addTagInheritance("child", "parent")
        yield* hub.addPackages("parent", ["bash"], { owner: "ann" })
        yield* hub.blockPackages("child", ["bash"])
        const blocked = (tag: string) => Effect.map(hub.listPackages(tag), (list) => list.map((entry) => entry.blocked))
        expect([yield* blocked("child"), yield* blocked("parent")]).toEqual([[true], [false]])
        yield* hub.unblockPackages("child", ["bash"])
        expect(yield* blocked("child")).toEqual([false])
        expect((yield* Effect.flip(hub.unblockPackages("child", ["bash"]))).message).toContain("is not blocked")
        expect((yield* Effect.flip(hub.blockPackages("child", ["x", "y"]))).message).toBe(
          "Package x doesn't exist in tag child\nPackage y doesn't exist in tag child"
        )
      })
    ))
})

describe("the history of a tag", () => {
  it("tells every change, oldest first, and what stands", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        for (const tag of ["child", "parent"]) yield* hub.addTag(tag)
        yield* hub.addTagInheritance("child", "parent")
        yield* hub.addPackages("child", ["bash"], { owner: "ann" })
        yield* hub.blockPackages("child", ["bash"])
        yield* hub.removeTagInheritance("child", "parent")
        yield* hub.editTag("child", { arches: "x86_64" })
        const history = yield* hub.history("child")
        expect(
          history.map(
            ({ event, action, active, subject }) => `${event} ${subject.kind} ${action}${active ? " active" : ""}`
          )
        ).toEqual([
          "1 tag created",
          "3 inheritance created",
          "4 owner created active",
          "4 package created",
          "5 package edited active",
          "6 inheritance revoked",
          "7 tag edited active"
        ])
        expect(history.every(({ by }) => by === "tester")).toBe(true)
      })
    ))
})
