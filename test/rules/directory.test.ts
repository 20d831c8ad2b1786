import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { Bytes, type DigestOf, digestOf } from "../../graph/index.ts"
import { Directory, type DirectoryEntry } from "../../rules/directory.ts"
import { PackageDirectory, type PackageFile } from "../../rules/package-directory.ts"
import { Rope } from "../../rules/rope.ts"
import { compareBytes } from "../../rules/rpm-row.ts"
import { digestFor, segments } from "./rows.ts"

const entries: fc.Arbitrary<ReadonlyArray<DirectoryEntry>> = fc.uniqueArray(
  fc.oneof(
    fc
      .record({ name: segments, type: fc.constantFrom("file", "directory", "rope", "packages"), content: fc.string() })
      // nothing follows these digests
      .map(({ content, name, type }) => ({ name, type, content: digestFor(content) }) as DirectoryEntry),
    segments.map((name): DirectoryEntry => ({ name, type: "topdir" }))
  ),
  { selector: ({ name }) => name, maxLength: 8 }
)

describe("a directory", () => {
  it("is equal to another of the same entries, whatever their order", () => {
    fc.assert(
      fc.property(
        entries.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length }))),
        ([all, others]) => {
          expect(digestOf(Directory.encode({ entries: others }))).toBe(digestOf(Directory.encode({ entries: all })))
        }
      )
    )
  })

  it("gives back its entries in bytewise order", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const decoded = Directory.decode(Directory.encode({ entries: all }))
        expect(decoded.entries).toEqual(all.toSorted((a, b) => compareBytes(a.name, b.name)))
      })
    )
  })

  it("stands on the blobs of its files, ropes and directories; a link stands on none", () => {
    const [file, rope, directory, packages] = ["file", "rope", "directory", "packages"].map(digestFor)
    const bytes = Directory.encode({
      entries: [
        { name: "a", type: "file", content: file as DigestOf<Uint8Array> }, // nothing reads them
        { name: "b", type: "rope", content: rope as DigestOf<ReadonlyArray<DigestOf<Uint8Array>>> },
        { name: "c", type: "directory", content: directory as DigestOf<Directory> },
        {
          name: "d",
          type: "packages",
          content: packages as DigestOf<ReadonlyArray<DigestOf<ReadonlyArray<PackageFile>>>>
        },
        { name: "e", type: "topdir" }
      ]
    })
    expect(Directory.referencesIn(bytes)).toEqual([
      { digest: file, codec: Bytes },
      { digest: rope, codec: Rope },
      { digest: directory, codec: Directory },
      { digest: packages, codec: PackageDirectory }
    ])
  })

  it("is not made of other bytes", () => {
    expect(() => Directory.decode(Buffer.from("nonsense\n"))).toThrow("not a directory's line: nonsense")
    expect(() => Directory.decode(Buffer.from(`device\t${digestFor("")}\tname\n`))).toThrow("not a directory's line")
  })
})

describe("a rope", () => {
  const parts = ["one", "two", "one"].map((text) => digestFor(text) as DigestOf<Uint8Array>) // any digest is one of bytes

  it("gives back its parts in order, each as often as it is there", () => {
    expect(Rope.decode(Rope.encode(parts))).toEqual(parts)
    expect(Rope.decode(Rope.encode([]))).toEqual([])
  })

  it("stands on all its parts", () => {
    expect(Rope.referencesIn(Rope.encode(parts))).toEqual(parts.map((digest) => ({ digest, codec: Bytes })))
  })

  it("is not made of other bytes", () => {
    expect(() => Rope.decode(Buffer.from("nonsense\n"))).toThrow("not a rope's line: nonsense")
  })
})
