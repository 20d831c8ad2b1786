import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { RepoRow } from "../../src/hub/model.ts"
import { type JudgedRepo, judgeRepos, type RetentionPolicy } from "../../src/publish/repo-retention.ts"

const day = 86_400_000
const now = 1000 * day

const policy: RetentionPolicy = { keep: 0, lifetime: 7 * 86_400, expiredLifetime: 7 * 86_400 }

/** A repo that has been in its state for ten days. */
const repo = (id: number, more: Partial<RepoRow> = {}, facts: Partial<Omit<JudgedRepo, "repo">> = {}): JudgedRepo => ({
  isLatest: false,
  isThere: true,
  ...facts,
  repo: {
    id,
    tagId: 1,
    tagName: "f42",
    kind: "dist",
    state: "READY",
    createEvent: id,
    createTime: 0,
    creationTime: now - 10 * day,
    stateTime: now - 10 * day,
    beginEvent: null,
    endEvent: id + 1,
    volume: null,
    opts: null,
    customOpts: null,
    pinned: false,
    content: "",
    options: "{}",
    fingerprint: "",
    root: "",
    ...more
  }
})

const told = (repos: ReadonlyArray<JudgedRepo>, more: Partial<RetentionPolicy> = {}) =>
  judgeRepos(repos, { ...policy, ...more }, now).map(
    ({ because, repo: { id }, verdict }) => `${id} ${verdict} ${because._tag}`
  )

describe("a READY repo", () => {
  it("expires after its lifetime, counted from when it became READY", () => {
    expect(told([repo(1), repo(2, { stateTime: now - 7 * day }), repo(3, { stateTime: now - 7 * day - 1 })])).toEqual([
      "1 expires Old",
      "2 stays Young",
      "3 expires Old"
    ])
  })

  it("stays where latest leads to it, where it is pinned, and where it is one of the newest of its tag and kind", () => {
    const repos = [
      repo(1, { pinned: true }),
      repo(2),
      repo(5, { createEvent: 1 }),
      repo(3),
      repo(4, {}, { isLatest: true }),
      repo(6, { tagId: 2 }),
      repo(7, { kind: "internal" })
    ]
    expect(told(repos, { keep: 2 })).toEqual([
      "1 stays Pinned",
      "2 expires Old",
      "5 expires Old",
      "3 stays Newest",
      "4 stays Latest",
      "6 stays Newest",
      "7 stays Newest"
    ])
  })

  it("stays while its content is the tag's, unless a newer one has its options", () => {
    const current = { endEvent: null }
    expect(
      told([
        repo(1, current),
        repo(2, { ...current, options: "other" }),
        repo(3, { ...current, createEvent: 1 }),
        repo(4, {})
      ])
    ).toEqual(["1 expires Old", "2 stays Current", "3 expires Old", "4 expires Old"])
    expect(told([repo(1, current), repo(2, { ...current, options: "other" })])).toEqual([
      "1 stays Current",
      "2 stays Current"
    ])
  })

  it("that is internal and has options of its own is not kept for its content", () => {
    const internal = { kind: "internal", endEvent: null } as const
    expect(
      told([
        repo(1, { ...internal, options: "a", customOpts: { src: true } }),
        repo(2, { ...internal, options: "b", customOpts: {} })
      ])
    ).toEqual(["1 expires Old", "2 stays Current"])
  })
})

describe("a repo that is not READY", () => {
  it("goes some time after it expired or had a problem, but not while it is pinned or latest leads to it", () => {
    const young = { stateTime: now - 7 * day + 1 }
    for (const state of ["EXPIRED", "PROBLEM"] as const) {
      expect(
        told([
          repo(1, { state }),
          repo(2, { state, ...young }),
          repo(3, { state, pinned: true }),
          repo(4, { state }, { isLatest: true }),
          repo(5, { state, stateTime: now - 7 * day })
        ])
      ).toEqual(["1 goes Old", "2 stays Young", "3 stays Pinned", "4 stays Latest", "5 goes Old"])
    }
  })

  it("goes at once where its directory is gone, or its export never ended", () => {
    const fresh = { stateTime: now }
    expect(
      told([
        repo(1, { ...fresh, state: "EXPIRED" }, { isThere: false }),
        repo(2, { ...fresh, state: "INIT", pinned: true })
      ])
    ).toEqual(["1 goes Gone", "2 goes Unfinished"])
    expect(told([repo(1, fresh, { isThere: false })])).toEqual(["1 stays Young"])
  })
})

describe("whatever the repos are", () => {
  const anyRepo = fc.record({
    tagId: fc.integer({ min: 1, max: 2 }),
    kind: fc.constantFrom("dist" as const, "internal" as const),
    state: fc.constantFrom("INIT" as const, "READY" as const, "EXPIRED" as const, "PROBLEM" as const),
    createEvent: fc.integer({ min: 1, max: 5 }),
    stateTime: fc.integer({ min: now - 20 * day, max: now }),
    endEvent: fc.constantFrom(null, 9),
    options: fc.constantFrom("a", "b"),
    pinned: fc.boolean(),
    isLatest: fc.boolean(),
    isThere: fc.boolean()
  })

  it("latest and pinned ones stay, young ones too, one READY step is taken at a time, and as many as asked for are kept", () => {
    fc.assert(
      fc.property(fc.array(anyRepo, { maxLength: 12 }), fc.integer({ min: 0, max: 4 }), (found, keep) => {
        const repos = found.map(({ isLatest, isThere, ...row }, index) => repo(index + 1, row, { isLatest, isThere }))
        const judgements = judgeRepos(repos, { ...policy, keep }, now)
        expect(judgements.map((judged) => judged.repo)).toEqual(repos.map((judged) => judged.repo))
        for (const [index, { repo: row, verdict }] of judgements.entries()) {
          if (row.state !== "INIT" && (row.pinned || repos[index]?.isLatest)) expect(verdict).toBe("stays")
          if (row.state === "READY") expect(verdict).not.toBe("goes")
          else expect(verdict).not.toBe("expires")
          if (row.state === "READY" && now - row.stateTime <= 7 * day) expect(verdict).toBe("stays")
        }
        const ready = Map.groupBy(
          judgements.filter((judged) => judged.repo.state === "READY"),
          (judged) => `${judged.repo.tagId} ${judged.repo.kind}`
        )
        for (const group of ready.values()) {
          const staying = group.filter(({ verdict }) => verdict === "stays").length
          expect(staying).toBeGreaterThanOrEqual(Math.min(keep, group.length))
        }
      })
    )
  })
})
