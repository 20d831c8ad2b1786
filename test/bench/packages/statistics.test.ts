import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { describeWithShared, sharedPath } from "../../kit/oracle.ts"
import type { Model } from "./clone.ts"
import { planBuilds } from "./generate.ts"
import { distributionModels } from "./models.ts"
import { drawLike, filesOf, quantilesOf, recordedFiles, valueAt } from "./statistics.ts"

/** A model of which only the number of files matters. */
const model = (files: number): Model => ({
  name: `m${files}`,
  version: "1",
  release: "1",
  arch: "noarch",
  lead: Buffer.alloc(96),
  entries: [],
  archiveSize: undefined,
  headerSize: 0,
  files,
  provides: 0,
  requires: 0,
  changelogs: 0
})

const meanOf = (numbers: ReadonlyArray<number>): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length

describe("quantiles", () => {
  it("are read off at any share", () => {
    expect(
      valueAt(
        [
          [0, 2],
          [0.5, 10],
          [1, 20]
        ],
        0
      )
    ).toBe(2)
    expect(
      valueAt(
        [
          [0, 2],
          [0.5, 10],
          [1, 20]
        ],
        0.25
      )
    ).toBe(6)
    expect(
      valueAt(
        [
          [0, 2],
          [0.5, 10],
          [1, 20]
        ],
        1
      )
    ).toBe(20)
  })

  it("of a file list, compressed either way, count the files of each package", async () => {
    const folder = await mkdtemp(join(tmpdir(), "distgraph-bench-"))
    const packages = Array.from(
      { length: 101 },
      (_, files) => `<package name="p"><version/>${"<file>/a</file>".repeat(files)}</package>`
    )
    await writeFile(
      join(folder, "x-filelists.xml.zst"),
      zstdCompressSync(`<filelists packages="101">${packages.join("\n")}</filelists>`)
    )
    const quantiles = await Effect.runPromise(filesOf(folder))
    expect(quantiles).toEqual(recordedFiles.map(([share]) => [share, Math.floor(share * 100)]))
    await rm(folder, { recursive: true })
  })

  it("cannot be read from a folder without a file list", async () => {
    const failure = await Effect.runPromise(Effect.flip(filesOf(import.meta.dirname)))
    expect(failure.message).toMatch(
      /^The file lists of .* cannot be read \(there is no filelists\.xml\.gz or \.zst\): give/
    )
  })
})

describe("models drawn like a distribution", () => {
  const models = Array.from({ length: 300 }, (_, files) => model(files * 3))
  const draw = drawLike(models, recordedFiles, 43, 1)
  const files = Array.from({ length: 5000 }, (_, index) => draw(index)?.files ?? Number.NaN)

  it("have the mean asked for, in any part of the draws", () => {
    expect(Math.abs(meanOf(files) - 43)).toBeLessThan(1)
    expect(Math.abs(meanOf(files.slice(1000, 2000)) - 43)).toBeLessThan(2)
  })

  it("have its quantiles, stretched", () => {
    const stretch = 43 / 62.5
    for (const [share, wanted] of recordedFiles) {
      if (share === 0 || share === 1) continue
      const found = valueAt(quantilesOf(files), share)
      expect(Math.abs(found - wanted * stretch)).toBeLessThan(5 + wanted * stretch * 0.1)
    }
  })

  it("are many different ones", () => {
    expect(new Set(files).size).toBeGreaterThan(80)
  })
})

describeWithShared("repodata/repos/ajanay__repo_idm")("the recorded distribution", () => {
  it("is that of a real repository", async () => {
    const folder = sharedPath("repodata/repos/ajanay__repo_idm/repodata")
    expect(readFileSync(join(folder, "repomd.xml"), "utf8")).toContain("filelists")
    expect(await Effect.runPromise(filesOf(folder))).toEqual(recordedFiles)
  })
})

describeWithShared("rpms")("a plan drawn from real packages", () => {
  it("has about 3 million files in 70,000 packages", () => {
    const files = { quantiles: recordedFiles, mean: 43 }
    const builds = planBuilds(distributionModels(sharedPath("rpms")), {
      packages: 70_000,
      seed: 1,
      noarchShare: 0.6,
      files
    })
    const packages = builds.flatMap((build) => build.packages)
    expect(packages).toHaveLength(70_000)
    const total = packages.reduce((sum, each) => sum + each.model.files, 0)
    expect(total).toBeGreaterThan(2_700_000)
    expect(total).toBeLessThan(3_300_000)
    expect(new Set(packages.map(({ model }) => model.name)).size).toBeGreaterThan(100)
  })
})
