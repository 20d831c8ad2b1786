import { describe, expect, it } from "vitest"
import { type OldFile, outdated } from "../../src/publish/retention.ts"

const now = 1_000_000_000
const old = (name: string, age: number, listed = false): OldFile => ({ name, mtime: now - age * 1000, listed })
const files = [
  old("a-primary.xml.gz", 30, true),
  old("b-primary.xml.zst", 20),
  old("c-primary.xml.gz", 10),
  old("a-primary.sqlite.bz2", 30, true),
  old("a-other.xml.gz", 30, true),
  old("a-comps.xml", 30, true),
  old("foreign", 99)
]

// Compared with createrepo_c in test/oracle/createrepo.test.ts.
describe("old files of repodata that go", () => {
  it.each([
    [{ kind: "unlisted" }, ["a-primary.xml.gz", "a-primary.sqlite.bz2", "a-other.xml.gz", "a-comps.xml"]],
    [{ kind: "all" }, []],
    [
      { kind: "age", seconds: 20 },
      ["a-primary.xml.gz", "a-primary.sqlite.bz2", "a-other.xml.gz", "a-comps.xml", "foreign"]
    ],
    [
      { kind: "newest", count: 0 },
      ["c-primary.xml.gz", "b-primary.xml.zst", "a-primary.xml.gz", "a-other.xml.gz", "a-primary.sqlite.bz2"]
    ],
    [{ kind: "newest", count: 1 }, ["b-primary.xml.zst", "a-primary.xml.gz"]],
    [{ kind: "newest", count: 5 }, []]
  ] as const)("by %o are %j", (retention, names) => {
    expect(outdated(files, retention, now)).toEqual(names)
  })
})
