import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { DigestOf } from "../../graph/index.ts"
import { PackageDirectory, type PackageFile, PackageFiles } from "../../rules/package-directory.ts"
import { digestFor, segments } from "./rows.ts"

const files: fc.Arbitrary<ReadonlyArray<PackageFile>> = fc.array(
  fc
    .record({ content: fc.string(), path: fc.array(segments, { minLength: 1, maxLength: 5 }) })
    .map(({ content, path }) => ({ content: digestFor(content), path: path.join("/") })),
  { maxLength: 8 }
)

describe("package files", () => {
  it("are given back in their order, whatever their paths are", () => {
    fc.assert(
      fc.property(files, (all) => {
        expect(PackageFiles.decode(PackageFiles.encode(all))).toEqual(all)
      })
    )
  })

  it("stand on no blob: they lie in the topdir", () => {
    const bytes = PackageFiles.encode([{ content: digestFor("a"), path: "packages/a/1/1/noarch/a-1-1.noarch.rpm" }])
    expect(PackageFiles.referencesIn(bytes)).toEqual([])
  })

  it("are not made of other bytes", () => {
    expect(() => PackageFiles.decode(Buffer.from("nonsense\n"))).toThrow("not a package file's line: nonsense")
    expect(() => PackageFiles.decode(Buffer.from(`${digestFor("a")}\n`))).toThrow("not a package file's line")
  })
})

describe("a directory of packages", () => {
  // any digest will do: nothing follows them
  const runs = ["one", "two"].map((text) => digestFor(text) as DigestOf<ReadonlyArray<PackageFile>>)

  it("gives back its runs in order, and stands on them", () => {
    const bytes = PackageDirectory.encode(runs)
    expect(PackageDirectory.decode(bytes)).toEqual(runs)
    expect(PackageDirectory.referencesIn(bytes)).toEqual(runs.map((digest) => ({ digest, codec: PackageFiles })))
  })

  it("is not made of other bytes", () => {
    expect(() => PackageDirectory.decode(Buffer.from("nonsense\n"))).toThrow("not a package directory's line: nonsense")
  })
})
