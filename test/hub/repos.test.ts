import { Effect, TestClock, TestContext } from "effect"
import { describe, expect, it } from "vitest"
import type { Hub } from "../../src/hub/hub.ts"
import type { RepoState } from "../../src/hub/model.ts"
import { inNewHub } from "../kit/hub.ts"

const repo = (hub: Hub["Type"], createEvent: number, options = "{}") =>
  hub.repoInit({ tag: "f42", createEvent, content: "c", options, fingerprint: "f", root: "r" })

const inScene = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  inNewHub((hub) =>
    Effect.gen(function* () {
      yield* hub.addTag("f42")
      yield* hub.addTag("f43")
      return yield* effect(hub)
    })
  )

describe("repos", () => {
  it("begin in state INIT and remember what they were made of and when", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(1_000_000)
        const id = yield* repo(hub, 2)
        yield* TestClock.setTime(2_000_000)
        yield* hub.setRepoState(id, "READY")
        expect(yield* hub.repos("f42")).toEqual([
          {
            id,
            tagId: 1,
            tagName: "f42",
            kind: "dist",
            state: "READY",
            createEvent: 2,
            createTime: expect.any(Number),
            beginEvent: null,
            endEvent: null,
            volume: null,
            opts: null,
            customOpts: null,
            pinned: false,
            creationTime: 1_000_000,
            stateTime: 2_000_000,
            content: "c",
            options: "{}",
            fingerprint: "f",
            root: "r"
          }
        ])
      }).pipe(Effect.provide(TestContext.TestContext))
    ))

  it("are latest by their event, newest by their making", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        expect(yield* hub.latestRepo("f42")).toBeNull()
        const ids = [yield* repo(hub, 2), yield* repo(hub, 2), yield* repo(hub, 1), yield* repo(hub, 2)]
        for (const id of ids.slice(0, 3)) yield* hub.setRepoState(id, "READY")
        expect((yield* hub.latestRepo("f42"))?.id).toBe(ids[1])
        expect((yield* hub.newestReadyRepo("f42"))?.id).toBe(ids[2])
        expect((yield* hub.repos("f42")).map(({ id }) => id)).toEqual(ids)
        expect(yield* hub.repos("f43")).toEqual([])
        yield* hub.setRepoState(ids[1] ?? 0, "DELETED")
        expect((yield* hub.latestRepo("f42"))?.id).toBe(ids[0])
      })
    ))

  it("are found by their options, and by not being finished", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const ids = [
          yield* repo(hub, 2, "a"),
          yield* repo(hub, 2, "a"),
          yield* repo(hub, 2, "b"),
          yield* repo(hub, 2, "a")
        ]
        expect(yield* hub.unfinishedRepos("f42")).toEqual(ids.map((id) => ({ id, volume: null })))
        for (const id of ids.slice(0, 3)) yield* hub.setRepoState(id, "READY")
        expect((yield* hub.newestReadyRepo("f42"))?.id).toBe(ids[2])
        expect((yield* hub.newestReadyRepo("f42", "a"))?.id).toBe(ids[1])
        expect(yield* hub.newestReadyRepo("f42", "c")).toBeNull()
        expect(yield* hub.unfinishedRepos("f42")).toEqual(ids.slice(3).map((id) => ({ id, volume: null })))
        expect(yield* hub.unfinishedRepos("f43")).toEqual([])
      })
    ))

  it("of a tag's builds are found by Koji's options, and only the usual ones are latest", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const internal = (debuginfo: boolean, custom: boolean) =>
          hub.repoInit({
            tag: "f42",
            createEvent: 2,
            content: "c",
            options: "{}",
            fingerprint: "f",
            root: "r",
            kind: "internal",
            opts: { src: false, debuginfo },
            customOpts: custom ? { debuginfo } : {}
          })
        const [usual, again, custom] = [
          yield* internal(false, false),
          yield* internal(false, false),
          yield* internal(true, true)
        ]
        expect(yield* hub.newestInternalRepo("f42", { src: false, debuginfo: false })).toBeNull()
        for (const id of [usual, again, custom]) yield* hub.setRepoState(id, "READY")
        expect((yield* hub.newestInternalRepo("f42", { src: false, debuginfo: false }))?.id).toBe(again)
        expect((yield* hub.newestInternalRepo("f42", { src: false, debuginfo: true }))?.id).toBe(custom)
        expect((yield* hub.latestRepo("f42", "internal"))?.id).toBe(again)
        expect(yield* hub.newestReadyRepo("f42")).toBeNull()
      })
    ))

  it("need a tag and an event that are there", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        expect((yield* Effect.flip(repo(hub, 99))).message).toBe("No such event: 99")
        expect((yield* Effect.flip(hub.setRepoState(99, "READY"))).message).toBe("No such repo: 99")
        expect((yield* Effect.flip(hub.repos("f44"))).message).toBe("No such tagInfo: 'f44'")
      })
    ))

  const moves: Readonly<Record<RepoState, ReadonlyArray<RepoState>>> = {
    INIT: ["INIT", "READY", "EXPIRED", "DELETED", "PROBLEM"],
    READY: ["READY", "EXPIRED", "DELETED", "PROBLEM"],
    EXPIRED: ["EXPIRED", "DELETED", "PROBLEM"],
    DELETED: ["DELETED"],
    PROBLEM: ["DELETED", "PROBLEM"]
  }
  it("move between states as Koji lets them", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        for (const from of moves.INIT) {
          for (const to of moves.INIT) {
            const id = yield* repo(hub, 1)
            yield* hub.setRepoState(id, from)
            const result = yield* Effect.either(hub.setRepoState(id, to))
            expect([from, to, result._tag]).toEqual([from, to, moves[from].includes(to) ? "Right" : "Left"])
          }
        }
        const id = yield* repo(hub, 1)
        yield* hub.setRepoState(id, "EXPIRED")
        expect((yield* Effect.flip(hub.setRepoState(id, "READY"))).message).toBe(
          `Invalid repo state transition for repo ${id}: EXPIRED -> READY`
        )
      })
    ))

  const internal = (hub: Hub["Type"], createEvent: number, customOpts: Readonly<Record<string, boolean>> = {}) =>
    hub.repoInit({
      tag: "f42",
      createEvent,
      content: "c",
      options: "{}",
      fingerprint: "f",
      root: "r",
      kind: "internal",
      opts: { src: false, ...customOpts },
      customOpts
    })

  it("of both kinds share their ids and nothing else; internal ones with options of their own are never latest", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const ids = [
          yield* repo(hub, 1),
          yield* internal(hub, 1),
          yield* internal(hub, 2, { src: true }),
          yield* internal(hub, 2),
          yield* repo(hub, 2)
        ]
        expect(ids).toEqual([1, 2, 3, 4, 5])
        yield* hub.setRepoStates([1, 2, 3], "READY")
        expect((yield* hub.latestRepo("f42"))?.id).toBe(1)
        expect((yield* hub.newestReadyRepo("f42"))?.id).toBe(1)
        expect((yield* hub.latestRepo("f42", "internal"))?.id).toBe(2)
        expect(yield* hub.unfinishedRepos("f42")).toEqual([{ id: 5, volume: null }])
        expect(yield* hub.unfinishedRepos("f42", "internal")).toEqual([{ id: 4, volume: null }])
        const kinds = (yield* hub.queryRepos({ tag: "f42" })).map(({ kind }) => kind)
        expect(kinds).toEqual(["dist", "internal", "internal", "internal", "dist"])
        expect((yield* hub.queryRepos({ kind: "internal", states: ["READY"] })).map(({ id }) => id)).toEqual([2, 3])
        expect(yield* hub.repo(3)).toMatchObject({ opts: { src: true }, customOpts: { src: true } })
      })
    ))

  it("are got as by Koji's getRepo: the one made last that is READY, of a state, or of content up to or from an event", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.editTag("f43", { arches: "x86_64" })
        const ids = [yield* repo(hub, 2), yield* repo(hub, 3), yield* repo(hub, 1), yield* internal(hub, 1)]
        yield* hub.setRepoStates([1, 3, 4], "READY")
        const got = (options: Parameters<typeof hub.getRepo>[1]) =>
          Effect.map(hub.getRepo("f42", options), (found) => found?.id ?? null)
        expect(ids).toEqual([1, 2, 3, 4])
        expect(yield* got({ kind: "dist" })).toBe(3)
        expect(yield* got({})).toBe(4)
        expect(yield* got({ kind: "dist", minEvent: 2 })).toBe(1)
        expect(yield* got({ kind: "dist", state: "INIT" })).toBe(2)
        expect(yield* got({ kind: "dist", event: 3, minEvent: 3 })).toBe(2)
        expect(yield* got({ kind: "dist", state: "EXPIRED" })).toBeNull()
        expect((yield* Effect.flip(hub.getRepo("nosuch"))).message).toBe("No such tagInfo: 'nosuch'")
      })
    ))

  it("hold until the tag changes, which is looked up until it is kept", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.setRepoState(yield* repo(hub, 2), "READY")
        const id = yield* internal(hub, 2)
        expect(yield* hub.repo(id)).toMatchObject({ beginEvent: 1, endEvent: null })
        yield* hub.updateEndEvents
        expect((yield* hub.repo(1)).endEvent).toBeNull()
        yield* hub.editTag("f42", { arches: "x86_64" })
        yield* hub.editTag("f42", { arches: "aarch64" })
        expect((yield* hub.repo(1)).endEvent).toBe(3)
        yield* hub.setRepoState(id, "EXPIRED")
        expect((yield* hub.repo(id)).endEvent).toBeNull()
        yield* hub.updateEndEvents
        yield* hub.setRepoState(1, "EXPIRED")
        expect((yield* hub.repo(1)).endEvent).toBe(3)
      })
    ))

  it("lie on a volume that is known", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        yield* hub.setRepoState(yield* repo(hub, 2), "READY")
        const on = (volume: string | null) =>
          hub.repoInit({ tag: "f42", createEvent: 1, content: "", options: "", fingerprint: "", root: "", volume })
        expect((yield* Effect.flip(on("vol2"))).message).toBe("No such entry in table volume: vol2")
        expect((yield* hub.repo(yield* on("DEFAULT"))).volume).toBeNull()
      })
    ))

  it("can be pinned, but not when they are deleted", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        const ids = [yield* repo(hub, 1), yield* repo(hub, 1), yield* repo(hub, 1)]
        expect(yield* hub.pinRepos([1, 2], true)).toEqual([1, 2])
        expect(yield* hub.pinRepos([2, 3, 3], true)).toEqual([3])
        expect(yield* hub.pinRepos([1], false)).toEqual([1])
        expect((yield* hub.repos("f42")).map(({ pinned }) => pinned)).toEqual([false, true, true])
        yield* hub.setRepoStates(ids.slice(0, 2), "DELETED")
        expect((yield* Effect.flip(hub.pinRepos([1, 3, 2], true))).message).toBe("Repo 1 is deleted\nRepo 2 is deleted")
        expect(yield* hub.pinRepos([2], false)).toEqual([2])
      })
    ))

  it("are moved all or none, with all that is wrong", () =>
    inScene((hub) =>
      Effect.gen(function* () {
        for (const _ of [1, 2, 3]) yield* repo(hub, 1)
        yield* hub.setRepoStates([2, 3], "EXPIRED")
        expect((yield* Effect.flip(hub.setRepoStates([1, 2, 3], "READY"))).message).toBe(
          "Invalid repo state transition for repo 2: EXPIRED -> READY\nInvalid repo state transition for repo 3: EXPIRED -> READY"
        )
        yield* hub.setRepoState(3, "DELETED")
        expect((yield* Effect.flip(hub.setRepoState(3, "PROBLEM"))).message).toBe("Repo 3 is deleted")
        expect((yield* hub.repos("f42")).map(({ state }) => state)).toEqual(["INIT", "EXPIRED", "DELETED"])
      })
    ))
})
