import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { BenchReport, type CaseResult } from "./report.ts"
import { reportText, table } from "./text.ts"

const costs = (wall: number, cpu: number, peakRssMiB: number) => ({
  wallSeconds: { median: wall, min: wall - 0.1, max: wall + 0.1 },
  cpuSeconds: { median: cpu, min: cpu, max: cpu },
  peakRssMiB
})

const result = (more: Partial<CaseResult>): CaseResult => ({
  case: "cold",
  variant: "",
  packages: 2000,
  arches: 4,
  payloadBytes: 65_536,
  rounds: 3,
  distgraph: null,
  createrepo: null,
  goal: null,
  counts: null,
  byRule: null,
  figures: [],
  skipped: null,
  ...more
})

const report = (results: ReadonlyArray<CaseResult>): BenchReport => ({
  format: 1,
  machine: { cpus: 2, model: "a processor", memoryMiB: 4096, kernel: "6.1", node: "26.1.0" },
  distgraph: { version: "0.1.0", built: true },
  createrepo: { version: "0.17.3" },
  options: { seed: 1, compress: "gz", like: "recorded" },
  data: [
    {
      packages: 2000,
      arches: 4,
      payloadBytes: 65_536,
      builds: 571,
      packageFiles: 4400,
      noarchShare: 0.6,
      fileEntries: 86_000,
      filesMean: 43,
      filesMedian: 9,
      dependenciesMean: 12.25,
      changelogsMean: 30,
      models: 130,
      cachedShare: null
    }
  ],
  results,
  growth: [
    {
      case: "cold",
      variant: "",
      sizes: [2000, 7000],
      distgraphWall: 0.944,
      distgraphCpu: 1,
      createrepoWall: 1.01,
      createrepoCpu: null
    }
  ]
})

describe("a table", () => {
  it("puts numbers to the right and words to the left", () => {
    expect(
      table([
        ["n", "word"],
        ["1", "a"],
        ["1,000", "bcd"]
      ])
    ).toBe("    n  word\n    1  a\n1,000  bcd\n")
  })
})

describe("the report", () => {
  it("gives a case's times, ratios and memory beside its goal", () => {
    const cold = result({ distgraph: costs(7, 12, 500), createrepo: costs(20, 30, 60), goal: "wall ≤ 0.35" })
    const text = reportText(report([cold]))
    expect(text).toContain(
      "2,000  cold  7.00 [6.90–7.10]  20.00 [19.90–20.10]  0.350  12.00      0.400  500      60  wall ≤ 0.35"
    )
  })

  it("says what was measured: the bundle or the sources, and on which packages", () => {
    const text = reportText(report([]))
    expect(text).toContain("distgraph 0.1.0 (built), createrepo_c 0.17.3, both gz, no SQLite")
    expect(text).toContain("4,400 package files of 571 builds")
    expect(text).toContain("86,000 file entries (43.0 a package, median 9)")
    expect(text).toContain("in memory when the cases began: unknown")
    expect(reportText({ ...report([]), distgraph: { version: "0.1.0", built: false } })).toContain("not built")
  })

  it("names cases that were left out, and why", () => {
    const skipped = result({ case: "one-build", variant: "shared", skipped: "no such option" })
    expect(reportText(report([skipped]))).toContain(
      "Left out\n\npackages  case                why\n   2,000  one-build (shared)  no such option\n"
    )
  })

  it("leaves out sections that have nothing to say", () => {
    expect(reportText({ ...report([]), growth: [] })).not.toMatch(/Costs|Sizes|Counts|Growth|Left out/)
  })

  it("gives figures with their units, and the rules that took a thirtieth of a run or more", () => {
    const text = reportText(
      report([
        result({
          case: "store-size",
          goal: "≤ 2.5",
          figures: [
            { name: "store", value: 12.345, unit: "MiB" },
            { name: "store / repodata", value: 1.5, unit: "" }
          ]
        }),
        result({
          byRule: [
            { rule: "compress-group", nodes: 10, ownMs: 99.5 },
            { rule: "tree", nodes: 1, ownMs: 0.5 }
          ]
        })
      ])
    )
    expect(text).toContain("2,000  store-size  store             12.35  MiB   ≤ 2.5\n")
    expect(text).toContain("2,000  cold  compress-group     10  100  100 %")
    expect(text).not.toContain("tree")
  })

  it("gives the growth of each case", () => {
    expect(reportText(report([]))).toContain("cold  2,000–7,000            0.94  1.00               1.01")
  })

  it("is data, too, that its schema describes", () => {
    const cold = result({ distgraph: costs(7, 12, 500), counts: null })
    const encoded = JSON.parse(JSON.stringify(Schema.encodeSync(BenchReport)(report([cold]))))
    expect(Schema.decodeUnknownSync(BenchReport, { onExcessProperty: "error" })(encoded)).toEqual(report([cold]))
  })
})
