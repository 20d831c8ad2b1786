import type { CaseResult, Costs, Growth } from "./report.ts"

/** How each case grows over the sizes at which it was measured; cases measured at one size only are left out. */
export const growthOf = (results: ReadonlyArray<CaseResult>): ReadonlyArray<Growth> =>
  [...Map.groupBy(results, (result) => `${result.case} ${result.variant}`).values()].flatMap((rows) => {
    const measured = rows.filter(({ distgraph, createrepo }) => distgraph !== null || createrepo !== null)
    const sizes = [...new Set(measured.map(({ packages }) => packages))]
    const [first] = measured
    if (first === undefined || sizes.length < 2) return []
    const slope = (tool: "distgraph" | "createrepo", cost: "wallSeconds" | "cpuSeconds"): number | null =>
      slopeOf(
        measured.flatMap((row): ReadonlyArray<Point> => {
          const costs: Costs | null = row[tool]
          return costs === null ? [] : [[row.packages, costs[cost].median]]
        })
      )
    return {
      case: first.case,
      variant: first.variant,
      sizes,
      distgraphWall: slope("distgraph", "wallSeconds"),
      distgraphCpu: slope("distgraph", "cpuSeconds"),
      createrepoWall: slope("createrepo", "wallSeconds"),
      createrepoCpu: slope("createrepo", "cpuSeconds")
    }
  })

type Point = readonly [packages: number, seconds: number]

/** The slope of the line that fits the points best (least squares) where both axes are logarithmic; null for fewer than two sizes. */
export const slopeOf = (points: ReadonlyArray<Point>): number | null => {
  const logs = points.map(([packages, seconds]): Point => [Math.log(packages), Math.log(seconds)])
  const mean = (pick: (point: Point) => number): number => logs.reduce((sum, log) => sum + pick(log), 0) / logs.length
  const [x, y] = [mean(([packages]) => packages), mean(([, seconds]) => seconds)]
  const over = logs.reduce((sum, [packages, seconds]) => sum + (packages - x) * (seconds - y), 0)
  const under = logs.reduce((sum, [packages]) => sum + (packages - x) ** 2, 0)
  return under > 0 && Number.isFinite(over) ? over / under : null
}
