import type { BenchReport, CaseResult, Costs, DataFacts } from "./report.ts"

/** The report for people: what was measured on, then tables. */
export const reportText = (report: BenchReport): string =>
  [
    headText(report),
    ...report.data.map(dataText),
    section(
      "Costs (medians, in brackets the least and the most; ratios are distgraph's to createrepo_c's)",
      costRows(report.results)
    ),
    section("Sizes and bare costs", figureRows(report.results)),
    section("Counts of one run", countRows(report.results)),
    section("Time by rule, in rule bodies of one run on all threads", ruleRows(report.results)),
    section(
      "Growth: fitted slope of log(seconds) over log(packages); 1 is in proportion to the packages",
      growthRows(report)
    ),
    section("Left out", skippedRows(report.results))
  ]
    .filter((text) => text !== "")
    .join("\n")

/** Rows of cells, the first of them the column heads; texts to the left, numbers to the right. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const [heads = []] = rows
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  const isNumber = heads.map((_, column) =>
    rows.slice(1).every((cells) => /^[-\d.,]*( |$)|^$/.test(cells[column] ?? ""))
  )
  const line = (cells: ReadonlyArray<string>): string =>
    cells
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd()
  return rows.map((cells) => `${line(cells)}\n`).join("")
}

const section = (title: string, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  rows.length < 2 ? "" : `${title}\n\n${table(rows)}`

const headText = ({ createrepo, distgraph, machine, options }: BenchReport): string =>
  [
    `distgraph ${distgraph.version} (${distgraph.built ? "built" : "from its sources, not built"}), createrepo_c ${createrepo.version}, both ${options.compress}, no SQLite`,
    `${machine.cpus} × ${machine.model}, ${machine.memoryMiB} MiB, Linux ${machine.kernel}, Node ${machine.node}; seed ${options.seed}; files like: ${options.like}`,
    ""
  ].join("\n")

const dataText = (facts: DataFacts): string =>
  [
    `${count(facts.packages)} packages × ${facts.arches} arch${facts.arches === 1 ? "" : "es"}: ${count(facts.packageFiles)} package files of ${count(facts.builds)} builds and ${facts.models} models, ${percent(facts.noarchShare)} noarch, payloads of ${count(facts.payloadBytes)} bytes;`,
    `  in each arch ${count(facts.fileEntries)} file entries (${facts.filesMean.toFixed(1)} a package, median ${facts.filesMedian}), ${facts.dependenciesMean.toFixed(1)} dependencies and ${facts.changelogsMean.toFixed(1)} changelogs a package;`,
    `  package files in memory when the cases began: ${facts.cachedShare === null ? "unknown" : percent(facts.cachedShare)}`,
    ""
  ].join("\n")

const costRows = (results: ReadonlyArray<CaseResult>) => [
  ["packages", "case", "distgraph s", "createrepo_c s", "ratio", "CPU s", "CPU ratio", "MiB", "theirs", "goal"],
  ...results.flatMap((row) => {
    const { createrepo, distgraph } = row
    if (distgraph === null) return []
    const ratio = (pick: (costs: Costs) => number): string =>
      createrepo === null ? "" : (pick(distgraph) / pick(createrepo)).toFixed(3)
    return [
      [
        count(row.packages),
        title(row),
        spread(distgraph),
        createrepo === null ? "" : spread(createrepo),
        ratio(({ wallSeconds }) => wallSeconds.median),
        distgraph.cpuSeconds.median.toFixed(2),
        ratio(({ cpuSeconds }) => cpuSeconds.median),
        distgraph.peakRssMiB?.toFixed(0) ?? "",
        createrepo?.peakRssMiB?.toFixed(0) ?? "",
        row.goal ?? ""
      ]
    ]
  })
]

const figureRows = (results: ReadonlyArray<CaseResult>) => [
  ["packages", "case", "figure", "value", "unit", "goal"],
  ...results.flatMap((row) =>
    row.figures.map(({ name, unit, value }, index) => [
      row.packages === 0 ? "" : count(row.packages),
      title(row),
      name,
      Number.isInteger(value) ? String(value) : value.toFixed(value < 0.1 ? 4 : 2),
      unit,
      row.distgraph === null && index === 0 ? (row.goal ?? "") : ""
    ])
  )
]

const countRows = (results: ReadonlyArray<CaseResult>) => [
  ["packages", "case", "nodes run", "reused", "packages opened", "files written", "MiB written", "packages linked"],
  ...results.flatMap((row) =>
    row.counts === null
      ? []
      : [
          [
            count(row.packages),
            title(row),
            count(row.counts.nodesRun),
            count(row.counts.nodesReused),
            count(row.counts.packagesOpened),
            count(row.counts.filesWritten),
            (row.counts.bytesWritten / 2 ** 20).toFixed(1),
            count(row.counts.packagesLinked)
          ]
        ]
  )
]

/** Only rules that matter: the dearest, down to a thirtieth of a run. */
const ruleRows = (results: ReadonlyArray<CaseResult>) => [
  ["packages", "case", "rule", "nodes", "ms", "share"],
  ...results.flatMap((row) => {
    const rules = row.byRule ?? []
    const total = rules.reduce((sum, { ownMs }) => sum + ownMs, 0)
    return rules
      .filter(({ ownMs }) => ownMs >= total / 30)
      .map(({ nodes, ownMs, rule }) => [
        count(row.packages),
        title(row),
        rule,
        count(nodes),
        ownMs.toFixed(0),
        percent(ownMs / total)
      ])
  })
]

const growthRows = ({ growth }: BenchReport) => [
  ["case", "sizes", "distgraph wall", "CPU", "createrepo_c wall", "CPU"],
  ...growth.map((row) => {
    const slope = (value: number | null): string => value?.toFixed(2) ?? ""
    return [
      title(row),
      row.sizes.map(count).join("–"),
      slope(row.distgraphWall),
      slope(row.distgraphCpu),
      slope(row.createrepoWall),
      slope(row.createrepoCpu)
    ]
  })
]

const skippedRows = (results: ReadonlyArray<CaseResult>) => [
  ["packages", "case", "why"],
  ...results.flatMap((row) => (row.skipped === null ? [] : [[count(row.packages), title(row), row.skipped]]))
]

const title = (row: { readonly case: string; readonly variant: string }): string =>
  row.variant === "" ? row.case : `${row.case} (${row.variant})`

const spread = ({ wallSeconds: { max, median, min } }: Costs): string => {
  const seconds = (value: number): string => value.toFixed(median < 1 ? 3 : 2)
  return `${seconds(median)} [${seconds(min)}–${seconds(max)}]`
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

const count = (number: number): string => number.toLocaleString("en-US")
