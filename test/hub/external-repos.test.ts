import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Hub } from "../../src/hub/hub.ts"
import type { TagExternalRepo } from "../../src/hub/model.ts"
import { inNewHub } from "../kit/hub.ts"

const use = (tag: string, priority: number | null = null) => ({ tag, priority, mode: "koji" as const, arches: null })

const told = (uses: ReadonlyArray<TagExternalRepo>) =>
  uses.map(({ externalRepoName, priority, tagName }) => `${tagName} ${priority} ${externalRepoName}`)

const messageOf = <A, E extends Error>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

/** base ← middle ← top, and a sister of base that top inherits from last. */
const inScene = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  inNewHub((hub) =>
    Effect.gen(function* () {
      for (const tag of ["base", "middle", "sister", "top"]) yield* hub.addTag(tag)
      yield* hub.addTagInheritance("middle", "base")
      yield* hub.addTagInheritance("top", "middle", { priority: 1 })
      yield* hub.addTagInheritance("top", "sister", { priority: 2 })
      return yield* effect(hub)
    })
  )

describe("external repos", () => {
  it("have a URL that ends with a slash, and are listed by name", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        expect(yield* hub.addExternalRepo("z", "https://example.org/$arch/os", [])).toEqual({ id: 1, uses: [] })
        yield* hub.addExternalRepo("a", "file:///srv/a/", [])
        expect(yield* hub.externalRepos()).toEqual([
          { id: 2, name: "a", url: "file:///srv/a/" },
          { id: 1, name: "z", url: "https://example.org/$arch/os/" }
        ])
      })
    ))

  it("are used by tags with a priority, a mode and arches; without a priority one is found that leaves room", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const wanted = { tag: "base", priority: null, mode: "bare" as const, arches: "x86_64,aarch64" }
        const { uses } = yield* hub.addExternalRepo("one", "http://example.org/1", [wanted, use("top", 3)])
        expect(uses).toMatchObject([
          {
            externalRepoId: 1,
            tagName: "top",
            priority: 3,
            mergeMode: "koji",
            arches: null,
            url: "http://example.org/1/"
          },
          { externalRepoId: 1, tagName: "base", priority: 5, mergeMode: "bare", arches: "x86_64 aarch64" }
        ])
        yield* hub.addExternalRepo("two", "http://example.org/2", [use("base")])
        yield* hub.addExternalRepo("three", "http://example.org/3", [use("base", 11)])
        yield* hub.addExternalRepo("four", "http://example.org/4", [use("base")])
        expect(told(yield* hub.tagExternalRepos({ tag: "base" }))).toEqual([
          "base 5 one",
          "base 10 two",
          "base 11 three",
          "base 15 four"
        ])
        expect(told(yield* hub.tagExternalRepos({ repo: "one" }))).toEqual(["top 3 one", "base 5 one"])
      })
    ))

  it("of a tag are its own by priority, then those of its parents, each once", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addExternalRepo("shared", "http://example.org/shared", [use("base", 1), use("top", 9)])
        yield* hub.addExternalRepo("b", "http://example.org/b", [use("base", 2)])
        yield* hub.addExternalRepo("m", "http://example.org/m", [use("middle", 30)])
        yield* hub.addExternalRepo("s", "http://example.org/s", [use("sister", 1)])
        yield* hub.addExternalRepo("t", "http://example.org/t", [use("top", 20)])
        expect(told(yield* hub.externalRepoList("top"))).toEqual([
          "top 9 shared",
          "top 20 t",
          "middle 30 m",
          "base 2 b",
          "sister 1 s"
        ])
      })
    ))

  it("can be changed, and read as they were at every event", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addExternalRepo("one", "http://example.org/old", [use("base", 5)])
        const then = (yield* hub.lastEvent)?.id ?? 0
        yield* hub.editExternalRepo("one", { url: "http://example.org/new", name: "uno" })
        yield* hub.editTagExternalRepo("base", "uno", { priority: 7, mode: "simple", arches: "x86_64" })
        const [now] = yield* hub.tagExternalRepos({ tag: "base" })
        expect(now).toMatchObject({
          externalRepoName: "uno",
          url: "http://example.org/new/",
          priority: 7,
          mergeMode: "simple",
          arches: "x86_64"
        })
        expect(yield* hub.tagExternalRepos({ tag: "base", event: then })).toMatchObject([
          { url: "http://example.org/old/", priority: 5, mergeMode: "koji", arches: null }
        ])
        const before = yield* hub.lastEvent
        yield* hub.editTagExternalRepo("base", "uno", { priority: 7 })
        yield* hub.editExternalRepo("uno", { url: "http://example.org/new" })
        expect(yield* hub.lastEvent).toEqual(before)
        expect((yield* hub.history("base")).map(({ action }) => action)).toEqual(["created", "created", "edited"])
      })
    ))

  it("end for a tag, or altogether, and made anew have their id again", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addExternalRepo("one", "http://example.org/1", [use("base"), use("top"), use("middle")])
        const then = (yield* hub.lastEvent)?.id ?? 0
        yield* hub.removeTagExternalRepo("one", ["base", "top"])
        expect(told(yield* hub.tagExternalRepos({ repo: "one" }))).toEqual(["middle 5 one"])
        yield* hub.deleteExternalRepo("one")
        expect(yield* hub.externalRepos()).toEqual([])
        expect(yield* hub.externalRepoList("middle")).toEqual([])
        expect(told(yield* hub.externalRepoList("top", then))).toEqual(["top 5 one"])
        expect(yield* hub.addExternalRepo("one", "http://example.org/2", [])).toEqual({ id: 1, uses: [] })
      })
    ))

  it("are refused in Koji's words, and nothing is changed", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.addExternalRepo("one", "http://example.org/1", [use("base", 5)])
        yield* hub.addExternalRepo("two", "http://example.org/2", [])
        const before = yield* hub.lastEvent
        const messages = yield* Effect.forEach(
          [
            hub.addExternalRepo("one", "http://example.org/3", []),
            hub.addExternalRepo("a b", "http://example.org/3", []),
            hub.addExternalRepo("x", "gopher://example.org", []),
            hub.addExternalRepo("x", "not a url", []),
            hub.addExternalRepo("x", "http://example.org/3", [use("top"), use("nosuch")]),
            hub.addExternalRepo("nosuch", null, [use("base")]),
            hub.addExternalRepo("one", null, [use("base")]),
            hub.addExternalRepo("two", null, [use("base", 5)]),
            hub.addExternalRepo("two", null, [{ ...use("top"), arches: "../x" }]),
            hub.editExternalRepo("one", { name: "two" }),
            hub.editTagExternalRepo("top", "one", { priority: 1 }),
            hub.removeTagExternalRepo("one", ["base", "top", "middle"]),
            hub.deleteExternalRepo("nosuch")
          ],
          messageOf
        )
        expect(messages).toEqual([
          'An external repo named "one" already exists',
          "'a b' is no name of an external repo",
          "'gopher://example.org' is no URL of a repository: it must begin with http://, https://, ftp:// or file://",
          "'not a url' is no URL of a repository: it must begin with http://, https://, ftp:// or file://",
          "No such tagInfo: 'nosuch'",
          "No such repo: nosuch",
          "tag base already associated with external repo one",
          "tag base already associated with an external repo at priority 5",
          "'../x' is no architecture: letters, digits, _ and - are allowed",
          'name "two" is already taken by external repo 2',
          "external repo one not associated with tag top",
          "external repo one not associated with tag top\nexternal repo one not associated with tag middle",
          "No such repo: nosuch"
        ])
        expect(yield* hub.lastEvent).toEqual(before)
      })
    ))
})

describe("volumes", () => {
  it("are folders of the topdir that are there; the topdir itself is the first", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        expect(yield* hub.volumes).toEqual([{ id: 0, name: "DEFAULT" }])
        expect(yield* messageOf(hub.addVolume("vol2"))).toContain("please create the volume directory first: ")
        expect(yield* messageOf(hub.addVolume("../packages"))).toContain('the volume "../packages" starts with a dot')
        expect(yield* messageOf(hub.addVolume("DEFAULT"))).toBe("Volume DEFAULT already exists")
      })
    ))
})
