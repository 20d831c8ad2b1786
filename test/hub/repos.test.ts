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
            state: "READY",
            createEvent: 2,
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
        expect(yield* hub.unfinishedRepos("f42")).toEqual(ids)
        for (const id of ids.slice(0, 3)) yield* hub.setRepoState(id, "READY")
        expect((yield* hub.newestReadyRepo("f42"))?.id).toBe(ids[2])
        expect((yield* hub.newestReadyRepo("f42", "a"))?.id).toBe(ids[1])
        expect(yield* hub.newestReadyRepo("f42", "c")).toBeNull()
        expect(yield* hub.unfinishedRepos("f42")).toEqual(ids.slice(3))
        expect(yield* hub.unfinishedRepos("f43")).toEqual([])
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
})
