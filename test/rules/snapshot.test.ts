import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { Store, withBlobs } from "../../graph/index.ts"
import { smallestLevel } from "../../rules/chunk-list.ts"
import { inPublishedOrder, TaggedChunk, type TaggedRpm } from "../../rules/rpm-row.ts"
import { Snapshot } from "../../rules/snapshot.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { digestFor, snapshotOf, taggedRpm, taggedRpms } from "./rows.ts"

const rowsIn = (kit: ReturnType<typeof engineKit>, snapshot: ReturnType<typeof snapshotOf>) =>
  kit.read(Snapshot, snapshot).flatMap(({ chunk }) => kit.read(TaggedChunk, chunk))

/** What a person is told, as one line a difference. */
const told = (before: ReadonlyArray<TaggedRpm>, after: ReadonlyArray<TaggedRpm>): ReadonlyArray<string> => {
  const kit = engineKit()
  const bytes = (rpms: ReadonlyArray<TaggedRpm>) => Effect.runSync(kit.store.blob(snapshotOf(kit, rpms)))
  const differences = Snapshot.differencesBetween?.(bytes(before), bytes(after)) ?? Effect.succeed([])
  return Effect.runSync(Effect.provideService(withBlobs(differences), Store, kit.store)).map(
    ({ after: now, before: was, detail, kind, subject }) =>
      [kind, subject, was ?? "", now ?? "", ...(detail === undefined ? [] : [detail])].join(" | ")
  )
}

describe("a snapshot", () => {
  it("is the same whatever the order in which the rpms were read", () => {
    const shuffled = fc
      .uniqueArray(taggedRpms, { maxLength: 12, selector: (rpm) => `${fileName(rpm)} ${rpm.build.name}` })
      .chain((rpms) => fc.tuple(fc.constant(rpms), fc.shuffledSubarray(rpms, { minLength: rpms.length })))
    fc.assert(
      fc.property(shuffled, ([rpms, others]) => {
        const kit = engineKit()
        expect(snapshotOf(kit, others)).toBe(snapshotOf(kit, rpms))
      })
    )
  })

  it("lists every rpm once, in published order", () => {
    const kit = engineKit()
    const rpms = ["zsh", "bash", "Rcpp", "zlib", "bash-doc"].map((name) => taggedRpm({ name }))
    expect(rowsIn(kit, snapshotOf(kit, rpms))).toEqual(inPublishedOrder(rpms))
  })

  it("leaves the order of the rows that it is given as it is", () => {
    const rpms = [taggedRpm({ name: "b" }), taggedRpm({ name: "a" })]
    snapshotOf(engineKit(), rpms)
    expect(rpms.map(({ name }) => name)).toEqual(["b", "a"])
  })

  it("says of each chunk how many rpms it has, how it was cut and which letters it touches", () => {
    const kit = engineKit()
    const rpms = Array.from({ length: 300 }, (_, index) => taggedRpm({ name: `${"abc"[index % 3]}-${index}` }))
    const list = kit.read(Snapshot, snapshotOf(kit, rpms))
    expect(list.length).toBeGreaterThan(2)
    for (const [index, ref] of list.entries()) {
      const chunk = kit.read(TaggedChunk, ref.chunk)
      expect(ref.rpms).toBe(chunk.length)
      expect(ref.first).toBe(chunk[0]?.name)
      expect(ref.letters).toEqual([...new Set(chunk.map(({ name }) => name.charAt(0)))])
      if (index > 0) expect(ref.level).toBeGreaterThanOrEqual(smallestLevel)
    }
  })

  it("shares all chunks but one with the snapshot before, where one build was replaced", () => {
    const kit = engineKit()
    const rpms = Array.from({ length: 500 }, (_, index) => taggedRpm({ name: `package-${index}` }))
    const replaced = [
      taggedRpm({ name: "package-250", version: "1.1" }),
      ...rpms.filter(({ name }) => name !== "package-250")
    ]
    const before = kit.read(Snapshot, snapshotOf(kit, rpms)).map(({ chunk }) => chunk)
    const after = kit.read(Snapshot, snapshotOf(kit, replaced)).map(({ chunk }) => chunk)
    expect(after).toHaveLength(before.length)
    expect(after.filter((chunk) => !before.includes(chunk))).toHaveLength(1)
  })

  it("of nothing is an empty list", () => {
    const kit = engineKit()
    expect(kit.read(Snapshot, snapshotOf(kit, []))).toEqual([])
  })
})

describe("what changed between two snapshots", () => {
  const old = ["hello", "hello-libs"].map((name) => taggedRpm({ name, build: { name: "hello" } }))
  const update = ["hello", "hello-libs"].map((name) => taggedRpm({ name, version: "1.1", build: { name: "hello" } }))
  const other = [taggedRpm({ name: "other" })]

  it("is a build that came or went, with the number of its rpms", () => {
    expect(told(other, [...other, ...old])).toEqual(["added | hello |  | hello-1.0-1 | 2 rpms"])
    expect(told([...other, ...old], old)).toEqual(["removed | other | other-1.0-1 |  | 1 rpm"])
  })

  it("is a build replaced by another of its package", () => {
    expect(told([...old, ...other], [...update, ...other])).toEqual([
      "replaced | hello | hello-1.0-1 | hello-1.1-1 | 2 rpms"
    ])
  })

  it("pairs no builds where several of a package came or went", () => {
    const third = [taggedRpm({ name: "hello", version: "1.2" })]
    expect(told(old, [...update, ...third]).toSorted()).toEqual([
      "added | hello |  | hello-1.1-1 | 2 rpms",
      "added | hello |  | hello-1.2-1 | 1 rpm",
      "removed | hello | hello-1.0-1 |  | 2 rpms"
    ])
  })

  const signed = (copy: "written" | "unwritten") =>
    ["hello", "hello-libs"].map((name) => taggedRpm({ name, build: { name: "hello" }, keys: { aaaa0001: copy } }))

  it("is a signature that appeared or went, with the number of rpms it is on", () => {
    expect(told(old, signed("unwritten"))).toEqual(["changed | hello-1.0-1 |  | signature aaaa0001 appeared | 2 rpms"])
    expect(told(signed("unwritten"), old)).toEqual(["changed | hello-1.0-1 |  | signature aaaa0001 is gone | 2 rpms"])
  })

  it("is a signed copy that was written or is gone", () => {
    expect(told(signed("unwritten"), signed("written"))).toEqual([
      "changed | hello-1.0-1 |  | signed copy aaaa0001 written | 2 rpms"
    ])
    expect(told(signed("written"), signed("unwritten"))).toEqual([
      "changed | hello-1.0-1 |  | signed copy aaaa0001 is gone | 2 rpms"
    ])
  })

  it("is an rpm that its build got, or lost, later", () => {
    const [first] = old
    const one = first === undefined ? [] : [first]
    expect(told(one, old)).toEqual(["changed | hello-1.0-1 |  | hello-libs-1.0-1.x86_64 added"])
    expect(told(old, one)).toEqual(["changed | hello-1.0-1 |  | hello-libs-1.0-1.x86_64 removed"])
  })

  it("is an rpm imported anew with other content, or the same content in another file", () => {
    const rpm = taggedRpm({ name: "hello" })
    const rebuilt = { ...rpm, payloadhash: "f".repeat(32), primary: digestFor("rebuilt") }
    expect(told([rpm], [rebuilt])).toEqual(["changed | hello-1.0-1 |  | hello-1.0-1.x86_64 has other content"])
    expect(told([rpm], [{ ...rpm, primary: digestFor("signed since") }])).toEqual([
      "changed | hello-1.0-1 |  | hello-1.0-1.x86_64 is another file"
    ])
  })

  it("is nothing between equal snapshots", () => expect(told(old, old)).toEqual([]))
})
