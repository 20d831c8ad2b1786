import { describe, expect, it } from "vitest"
import type { RepositoryFile } from "../../rules/index.ts"
import { equalButForDates, nameInRepodata, type RepomdOptions, repomdOf } from "../../src/export/repomd-of.ts"
import type { Repomd, RepomdRecord } from "../../src/repodata/repomd.ts"

// the tests look at records, which hold nothing of the content
const file = (type: string, checksum = "aa"): RepositoryFile =>
  ({
    name: `${type}.xml.gz`,
    checksum,
    size: 3,
    openChecksum: "bb",
    openSize: 9,
    content: "0/0"
  }) as unknown as RepositoryFile
const options: RepomdOptions = {
  checksumType: "sha256",
  uniqueNames: true,
  tags: { content: [], repo: [], distro: [] },
  revision: null,
  timestampToRevision: false,
  keepAdditional: true
}
const old = (type: string): RepomdRecord => ({
  type,
  checksum: { type: "sha1", value: "cc" },
  href: `repodata/${type}`,
  timestamp: 5
})
const repomd = (...records: ReadonlyArray<RepomdRecord>): Repomd => ({ revision: "5", records })
const made = { primary: file("primary"), filelists: file("filelists"), other: file("other") }
const types = ({ records }: Repomd) => records.map(({ type }) => type)

describe("a new repomd.xml", () => {
  it("lists each file under its name, dated by the clock", () => {
    expect(repomdOf({ primary: file("primary") }, null, options, 77)).toEqual({
      revision: "77",
      tags: options.tags,
      records: [
        {
          type: "primary",
          checksum: { type: "sha256", value: "aa" },
          openChecksum: { type: "sha256", value: "bb" },
          href: "repodata/aa-primary.xml.gz",
          size: 3,
          openSize: 9,
          timestamp: 77
        }
      ]
    })
    const [plain] = repomdOf({ primary: file("primary") }, null, { ...options, uniqueNames: false }, 77).records
    expect(plain?.href).toBe("repodata/primary.xml.gz")
  })

  it("keeps the date of a file that stays, unless it is dated by the revision", () => {
    const before = repomdOf(made, null, options, 50)
    const after = { ...made, primary: file("primary", "dd") }
    expect(repomdOf(after, before, options, 77).records.map(({ timestamp }) => timestamp)).toEqual([77, 50, 50])
    const byRevision = { ...options, revision: "8", timestampToRevision: true }
    expect(repomdOf(after, before, byRevision, 77).records.map(({ timestamp }) => timestamp)).toEqual([8, 8, 8])
  })

  it("carries over what createrepo_c calls additional, unless it is made anew or to be dropped", () => {
    const others = ["primary_db", "other_zck", "filelists-ext", "updateinfo", "group", "group_gz", "modules"].map(old)
    const before = repomd(old("primary"), ...others)
    const standard = ["primary", "filelists", "other"]
    expect(types(repomdOf(made, before, options, 1))).toEqual([
      ...standard,
      "updateinfo",
      "group",
      "group_gz",
      "modules"
    ])
    const withGroup = { ...made, group: file("group") }
    expect(types(repomdOf(withGroup, before, options, 1))).toEqual([...standard, "group", "updateinfo", "modules"])
    expect(types(repomdOf(made, before, { ...options, keepAdditional: false }, 1))).toEqual(standard)
  })

  it("does not carry over the zchunk file of what is made anew", () => {
    const before = repomd(old("prestodelta"), old("prestodelta_zck"), old("updateinfo"), old("updateinfo_zck"))
    const withDeltas = { ...made, prestodelta: file("prestodelta") }
    expect(types(repomdOf(withDeltas, before, options, 1))).toEqual([
      ...["primary", "filelists", "other", "prestodelta"],
      ...["updateinfo", "updateinfo_zck"]
    ])
  })
})

describe("two repomd.xml", () => {
  const before = repomdOf(made, null, options, 50)
  it("are equal but for their dates where only those differ, in whatever order", () => {
    const later = repomdOf(made, null, { ...options, revision: "x" }, 99)
    expect(equalButForDates(before, { ...later, records: later.records.toReversed() })).toBe(true)
    const { tags: _, ...untagged } = before
    expect(equalButForDates(before, untagged)).toBe(true)
  })

  it.each<[string, Repomd]>([
    ["a checksum", repomdOf({ ...made, primary: file("primary", "dd") }, null, options, 50)],
    ["a type of checksum", repomdOf(made, null, { ...options, checksumType: "sha512" }, 50)],
    ["a name", repomdOf(made, null, { ...options, uniqueNames: false }, 50)],
    ["a tag", repomdOf(made, null, { ...options, tags: { ...options.tags, repo: ["r"] } }, 50)],
    ["a record", { ...before, records: before.records.slice(1) }]
  ])("differ by %s", (_, other) => {
    expect(equalButForDates(before, other)).toBe(false)
  })
})

describe("the file that a record names", () => {
  it.each([
    ["repodata/a.xml", undefined, "a.xml"],
    ["repodata/a/b.xml", undefined, undefined],
    ["repodata/..", undefined, undefined],
    ["../repodata/a.xml", undefined, undefined],
    ["/etc/passwd", undefined, undefined],
    ["repodata/a.xml", "http://example.org", undefined]
  ])("%s with base %s lies in repodata as %s", (href, base, name) => {
    expect(nameInRepodata(base === undefined ? { href } : { href, base })).toBe(name)
  })
})
