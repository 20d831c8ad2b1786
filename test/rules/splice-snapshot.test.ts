import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type Digest, Store, withBlobs } from "../../graph/index.ts"
import { publishedKey, type TaggedRpm } from "../../rules/rpm-row.ts"
import { Snapshot, type SnapshotDigest } from "../../rules/snapshot.ts"
import { spliceSnapshot } from "../../rules/splice-snapshot.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { cuts, interleavedNames } from "./cutting-names.ts"
import { snapshotOf, taggedRpm } from "./rows.ts"

type Kit = ReturnType<typeof engineKit>

/** A kit that notes the digest of each blob that is read. */
const watched = () => {
  const kit = engineKit()
  const read: Array<Digest> = []
  const store: Kit["store"] = {
    ...kit.store,
    blob: (digest) =>
      Effect.zipRight(
        Effect.sync(() => read.push(digest)),
        kit.store.blob(digest)
      )
  }
  const splice = (
    former: typeof SnapshotDigest.Type,
    packages: ReadonlySet<string>,
    before: ReadonlyArray<TaggedRpm>,
    now: ReadonlyArray<TaggedRpm>
  ) => Effect.runSync(Effect.provideService(withBlobs(spliceSnapshot(former, { packages, before, now })), Store, store))
  return { kit, read, splice }
}

const names = [...interleavedNames.flat(), ...interleavedNames.map(([, longer]) => `${longer}-1`), "a", "zz"]

const packages = ["gcc", "kernel", "perl", "qt"]

/** Rows of few names, versions and packages, so that they lie close together; a chunk begins at every third or so. */
const rows: fc.Arbitrary<TaggedRpm> = fc
  .record({
    name: fc.constantFrom(...names),
    version: fc.constantFrom("1", "2", "3"),
    release: fc.constantFrom("1", "2"),
    arch: fc.constantFrom("noarch", "x86_64"),
    package_: fc.constantFrom(...packages),
    id: fc.constantFrom(1, 2)
  })
  .map(({ package_, ...rpm }) => taggedRpm({ ...rpm, build: { name: package_ } }))

const contents = fc.uniqueArray(rows, { maxLength: 24, selector: publishedKey })

describe("a spliced snapshot", () => {
  it("is that of all rows, whatever the touched packages had and have", () => {
    fc.assert(
      fc.property(contents, contents, fc.subarray(packages, { minLength: 1 }), (old, other, touched) => {
        const isTouched = ({ build }: TaggedRpm) => touched.includes(build.name)
        const kept = old.filter((rpm) => !isTouched(rpm))
        const now = other.filter(isTouched)
        const { kit, splice } = watched()
        const spliced = splice(snapshotOf(kit, old), new Set(touched), old.filter(isTouched), now)
        expect(spliced).toBe(snapshotOf(kit, [...kept, ...now]))
      }),
      { numRuns: 2000 }
    )
  })

  it("is the former one where no package was touched, and nothing is read for it", () => {
    const { kit, read, splice } = watched()
    const former = snapshotOf(kit, [taggedRpm({ name: "a" })])
    expect(splice(former, new Set(), [], [])).toBe(former)
    expect(read).toEqual([])
  })

  it("grows out of an empty one, and ends in one", () => {
    const { kit, splice } = watched()
    const rpms = names.map((name) => taggedRpm({ name, build: { name: "gcc" } }))
    const [empty, full] = [snapshotOf(kit, []), snapshotOf(kit, rpms)]
    expect(splice(empty, new Set(["gcc"]), [], rpms)).toBe(full)
    expect(splice(full, new Set(["gcc"]), rpms, [])).toBe(empty)
  })

  it("is none where the former one lists other rpms of the packages than is said", () => {
    const { kit, splice } = watched()
    const [first, second] = [
      taggedRpm({ name: "a", build: { name: "gcc" } }),
      taggedRpm({ name: "b", build: { name: "gcc" } })
    ]
    const gcc = new Set(["gcc"])
    expect(splice(snapshotOf(kit, [first]), gcc, [second], [first])).toBeNull()
    expect(splice(snapshotOf(kit, [first, second]), gcc, [second], [first])).toBeNull()
    expect(splice(snapshotOf(kit, []), gcc, [second], [first])).toBeNull()
  })
})

describe("splicing a snapshot of many chunks", () => {
  const many = Array.from({ length: 1500 }, (_, index) =>
    taggedRpm({ name: `package-${String(index).padStart(4, "0")}` })
  )

  it("reads the list and the chunks in which the rows lie, and no other, where no cut moves", () => {
    const { kit, read, splice } = watched()
    const former = snapshotOf(kit, many)
    const list = kit.read(Snapshot, former)
    expect(list.length).toBeGreaterThan(12)
    const old = many.find(({ name }) => name === "package-0750" && !cuts(name))
    if (old === undefined) throw new Error("this name must not be one that cuts")
    read.length = 0
    const update = taggedRpm({ name: old.name, version: "1.1" })
    const spliced = splice(former, new Set([old.name]), [old], [update])
    expect(read).toHaveLength(2)
    expect(spliced).toBe(snapshotOf(kit, [...many.filter((rpm) => rpm !== old), update]))
  })

  it("joins a chunk whose cutting row is gone with the one before", () => {
    const { kit, splice } = watched()
    const former = snapshotOf(kit, many)
    const cutting = many.filter(({ name }) => cuts(name))
    for (const gone of cutting) {
      const spliced = splice(former, new Set([gone.name]), [gone], [])
      expect(spliced).toBe(
        snapshotOf(
          kit,
          many.filter((rpm) => rpm !== gone)
        )
      )
    }
    expect(splice(former, new Set(cutting.map(({ name }) => name)), cutting, [])).toBe(
      snapshotOf(
        kit,
        many.filter((rpm) => !cutting.includes(rpm))
      )
    )
  })
})
