import { describe, expect, it } from "vitest"
import { rpmDifferences } from "../../rules/rpm-differences.ts"
import { chosenRpm } from "./rows.ts"

describe("what changed between two sets of rpms", () => {
  const bash = chosenRpm({ name: "bash", version: "5.2" })

  it("is nothing between equal sets", () => expect(rpmDifferences([bash], [bash])).toEqual([]))

  it("is an rpm that came or went", () => {
    const nvra = "bash-5.2-1.x86_64"
    expect(rpmDifferences([], [bash])).toEqual([{ kind: "added", subject: nvra, after: nvra }])
    expect(rpmDifferences([bash], [])).toEqual([{ kind: "removed", subject: nvra, before: nvra }])
  })

  it("is an rpm replaced by another version of the same name and arch", () => {
    const newer = chosenRpm({ name: "bash", version: "5.3" })
    const other = chosenRpm({ name: "bash", version: "5.3", arch: "i686" })
    expect(rpmDifferences([bash], [newer, other])).toEqual([
      { kind: "replaced", subject: "bash.x86_64", before: "bash-5.2-1.x86_64", after: "bash-5.3-1.x86_64" },
      { kind: "added", subject: "bash-5.3-1.i686", after: "bash-5.3-1.i686" }
    ])
  })

  it("pairs no versions where more than one came or went", () => {
    const [newer, newest] = ["5.3", "5.4"].map((version) => chosenRpm({ name: "bash", version }))
    if (newer === undefined || newest === undefined) throw new Error("two were made")
    expect(rpmDifferences([bash], [newer, newest]).map(({ kind }) => kind)).toEqual(["added", "added", "removed"])
    expect(rpmDifferences([newer, newest], [bash]).map(({ kind }) => kind)).toEqual(["added", "removed", "removed"])
    expect(rpmDifferences([bash], [bash, newer]).map(({ kind }) => kind)).toEqual(["added"])
  })

  it("is another copy of the same rpm, named by its key and the head of its digest", () => {
    const [unsigned, signed] = [chosenRpm({ name: "bash" }, null), chosenRpm({ name: "bash" }, "bbbb0002")]
    expect(rpmDifferences([unsigned], [signed])).toEqual([
      {
        kind: "changed",
        subject: "bash-1.0-1.x86_64",
        before: `primary copy (${unsigned.file.slice(0, 8)})`,
        after: `key bbbb0002 (${signed.file.slice(0, 8)})`
      }
    ])
  })
})
