import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { fixture } from "../kit/fixtures.ts"
import { inNewHub } from "../kit/hub.ts"
import { describeWithShared } from "../kit/oracle.ts"
import { type OracleEvents, readTable, rebuildOracle } from "../kit/oracle-scenario.ts"

describeWithShared("oracle")("the changes of the tags of a real Koji", () => {
  const topdir = mkdtempSync(join(tmpdir(), "distgraph-changes-"))
  let events: OracleEvents = { hubEvent: () => 0 }
  const inHub = <A, E>(use: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(Effect.provide(Effect.flatMap(Hub, use), Hub.layer(topdir)))
  beforeAll(async () => {
    events = await Effect.runPromise(Effect.provide(rebuildOracle(), Hub.layer(topdir)))
  }, 60_000)
  afterAll(() => rmSync(topdir, { recursive: true }))

  const tagName = (id: string | undefined) => readTable("tag").find((row) => row["id"] === id)?.["name"] ?? ""
  const ready = () => readTable("repo").filter((row) => row["state"] === "1")
  const optional = (event: string | undefined) => (event ? events.hubEvent(Number(event)) : null)

  it("end its repos' content where Koji's hub found that they do, or not at all", async () => {
    const repos = ready().filter((row) => row["dist"] === "t")
    expect(repos.filter((row) => row["end_event"]).length).toBeGreaterThan(5)
    for (const row of repos) {
      const after = events.hubEvent(Number(row["create_event"]))
      const end = await inHub((hub) => hub.tagFirstChangeEvent(tagName(row["tag_id"]), { after }))
      expect([row["id"], end]).toEqual([row["id"], optional(row["end_event"])])
    }
  })

  it("begin the content of its internal repos where Koji's hub found that they do", async () => {
    const repos = ready().filter((row) => row["dist"] === "f")
    expect(repos.length).toBeGreaterThan(3)
    for (const row of repos) {
      const createEvent = events.hubEvent(Number(row["create_event"]))
      const repo = { tag: tagName(row["tag_id"]), createEvent, content: "", options: "", fingerprint: "", root: "" }
      const made = await inHub((hub) =>
        Effect.flatMap(hub.repoInit({ ...repo, kind: "internal", opts: {}, customOpts: {} }), hub.repo)
      )
      expect([row["id"], made.beginEvent, made.endEvent]).toEqual([
        row["id"],
        optional(row["begin_event"]),
        optional(row["end_event"])
      ])
    }
  })
})

describe("the last and the first change of a tag", () => {
  const hello = (copy: "unsigned" | "key-a", arch: string) => fixture(copy, `hello-1.0-1.${arch}.rpm`)

  it("is any of what the tag or a parent is or holds, and no signature", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        const event = Effect.map(hub.lastEvent, (last) => last?.id ?? 0)
        yield* hub.addTag("base")
        yield* hub.addTag("child")
        yield* hub.addTag("other")
        yield* hub.importRpms([hello("unsigned", "src")])
        const changes: ReadonlyArray<readonly [what: string, change: Effect.Effect<unknown, Error>]> = [
          ["inheritance", hub.addTagInheritance("child", "base")],
          ["arches", hub.editTag("base", { arches: "x86_64" })],
          ["extra", hub.editTag("child", { extra: { a: 1 } })],
          ["package", hub.addPackages("base", ["hello"])],
          ["build", hub.tagBuild("base", ["hello-1.0-1"])],
          ["rpm of a tagged build", hub.importRpms([hello("unsigned", "x86_64")])],
          ["group", hub.addGroup("base", "core")],
          ["package of a group", hub.addGroupPackages("base", "core", ["hello"])],
          ["requirement", hub.addGroupRequirement("base", "core", "core")],
          [
            "external repo",
            hub.addExternalRepo("x", "http://example.org/x", [{ tag: "base", priority: 1, mode: "koji", arches: null }])
          ],
          ["its URL", hub.editExternalRepo("x", { url: "http://example.org/y" })],
          ["its end", hub.deleteExternalRepo("x")],
          ["untagging", hub.untagBuild("base", ["hello-1.0-1"])],
          ["end of inheritance", hub.removeTagInheritance("child", "base")]
        ]
        for (const [what, change] of changes) {
          const before = yield* event
          expect([what, yield* hub.tagFirstChangeEvent("child", { after: before })]).toEqual([what, null])
          yield* change
          const after = yield* event
          const found = [
            yield* hub.tagFirstChangeEvent("child", { after: before }),
            yield* hub.tagLastChangeEvent("child"),
            yield* hub.tagLastChangeEvent("child", { before: after + 1 })
          ]
          expect([what, ...found]).toEqual([what, after, after, after])
          expect((yield* hub.tagLastChangeEvent("child", { before: after })) ?? 0).toBeLessThanOrEqual(before)
        }
        const last = yield* event
        // the build is in the tag no more, nor is base a parent
        yield* hub.importRpms([hello("unsigned", "aarch64")])
        yield* hub.importSignatures([hello("key-a", "src"), hello("key-a", "x86_64")])
        yield* hub.editTag("other", { arches: "s390x" })
        yield* hub.editTag("base", { arches: "s390x" })
        expect(yield* hub.tagLastChangeEvent("child")).toBe(last)
        expect(yield* hub.tagFirstChangeEvent("child", { after: last })).toBeNull()
      })
    ))

  it("is asked of the tag alone without inheritance, and of its beginning without an event", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("base")
        yield* hub.addTag("child")
        yield* hub.addTagInheritance("child", "base")
        yield* hub.editTag("base", { arches: "x86_64" })
        expect(yield* hub.tagLastChangeEvent("child")).toBe(4)
        expect(yield* hub.tagLastChangeEvent("child", { inherit: false })).toBe(3)
        expect(yield* hub.tagFirstChangeEvent("child", { after: 3, inherit: false })).toBeNull()
        expect(yield* hub.tagFirstChangeEvent("child", { inherit: false })).toBe(2)
        expect(yield* hub.tagLastChangeEvent("child", { before: 2 })).toBeNull()
        expect((yield* Effect.flip(hub.tagLastChangeEvent("nosuch"))).message).toBe("No such tagInfo: 'nosuch'")
      })
    ))
})
