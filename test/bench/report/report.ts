import { Schema } from "effect"

/** The middle one of several measurements, the least and the most. */
const Spread = Schema.Struct({ median: Schema.Number, min: Schema.Number, max: Schema.Number })

/** What one tool took in the measured rounds of a case. */
const Costs = Schema.Struct({
  wallSeconds: Spread,
  cpuSeconds: Spread,
  /** The most of all rounds; null where each was over before it could be seen. */
  peakRssMiB: Schema.NullOr(Schema.Number)
})
export type Costs = typeof Costs.Type

/** What a run did, counted in one round that is not measured. */
const Counts = Schema.Struct({
  nodesRun: Schema.Int,
  nodesReused: Schema.Int,
  packagesOpened: Schema.Int,
  /** Files of the new repo that are no packages, and their bytes. */
  filesWritten: Schema.Int,
  bytesWritten: Schema.Int,
  packagesLinked: Schema.Int
})
export type Counts = typeof Counts.Type

const RuleCost = Schema.Struct({ rule: Schema.String, nodes: Schema.Int, ownMs: Schema.Number })
export type RuleCost = typeof RuleCost.Type

/** A figure that is no time: a size, a ratio, a time a node. */
const Figure = Schema.Struct({ name: Schema.String, value: Schema.Number, unit: Schema.String })
export type Figure = typeof Figure.Type

/** One case at one size. */
const CaseResult = Schema.Struct({
  case: Schema.String,
  /** How distgraph was asked, where one case asks in several ways; else "". */
  variant: Schema.String,
  packages: Schema.Int,
  arches: Schema.Int,
  payloadBytes: Schema.Int,
  rounds: Schema.Int,
  distgraph: Schema.NullOr(Costs),
  createrepo: Schema.NullOr(Costs),
  /** What is aimed at, in words. */
  goal: Schema.NullOr(Schema.String),
  counts: Schema.NullOr(Counts),
  byRule: Schema.NullOr(Schema.Array(RuleCost)),
  figures: Schema.Array(Figure),
  /** Why the case was left out; null where it ran. */
  skipped: Schema.NullOr(Schema.String)
})
export type CaseResult = typeof CaseResult.Type

/** What the packages of one data set are like; means are per package of one arch. */
const DataFacts = Schema.Struct({
  packages: Schema.Int,
  arches: Schema.Int,
  payloadBytes: Schema.Int,
  builds: Schema.Int,
  packageFiles: Schema.Int,
  noarchShare: Schema.Number,
  /** File entries in the metadata of one arch. */
  fileEntries: Schema.Int,
  filesMean: Schema.Number,
  filesMedian: Schema.Number,
  dependenciesMean: Schema.Number,
  changelogsMean: Schema.Number,
  models: Schema.Int,
  /** How much of the first arch's packages was in memory when the cases began; null where that cannot be told. */
  cachedShare: Schema.NullOr(Schema.Number)
})
export type DataFacts = typeof DataFacts.Type

/** How a cost grows with the packages: the slope of the line through log(packages), log(seconds); 1 is in proportion. */
const Growth = Schema.Struct({
  case: Schema.String,
  variant: Schema.String,
  sizes: Schema.Array(Schema.Int),
  distgraphWall: Schema.NullOr(Schema.Number),
  distgraphCpu: Schema.NullOr(Schema.Number),
  createrepoWall: Schema.NullOr(Schema.Number),
  createrepoCpu: Schema.NullOr(Schema.Number)
})
export type Growth = typeof Growth.Type

/** What `npm run bench -- --json FILE` writes. */
export const BenchReport = Schema.Struct({
  format: Schema.Literal(1),
  machine: Schema.Struct({
    cpus: Schema.Int,
    model: Schema.String,
    memoryMiB: Schema.Int,
    kernel: Schema.String,
    node: Schema.String
  }),
  distgraph: Schema.Struct({ version: Schema.String, built: Schema.Boolean }),
  createrepo: Schema.Struct({ version: Schema.String }),
  options: Schema.Struct({
    seed: Schema.Int,
    compress: Schema.String,
    like: Schema.String
  }),
  data: Schema.Array(DataFacts),
  results: Schema.Array(CaseResult),
  growth: Schema.Array(Growth)
}).annotations({ identifier: "BenchReport" })
export type BenchReport = typeof BenchReport.Type
