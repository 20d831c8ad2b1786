import type { Difference } from "../graph/index.ts"

/** What changed between two lists of rows that have names: for explanations, where no more than the name says something to people. */
export const namedDifferences =
  <Row>(nameOf: (row: Row) => string) =>
  (before: ReadonlyArray<Row>, after: ReadonlyArray<Row>): ReadonlyArray<Difference> => {
    const old = byName(before, nameOf)
    const now = byName(after, nameOf)
    return [
      ...[...now].flatMap(([name, text]): ReadonlyArray<Difference> => {
        const was = old.get(name)
        if (was === undefined) return [{ kind: "added", subject: name, after: name }]
        return was === text ? [] : [{ kind: "changed", subject: name, after: "is another" }]
      }),
      ...[...old.keys()].flatMap(
        (name): ReadonlyArray<Difference> => (now.has(name) ? [] : [{ kind: "removed", subject: name, before: name }])
      )
    ]
  }

/** What all rows of a name say. */
const byName = <Row>(rows: ReadonlyArray<Row>, nameOf: (row: Row) => string): ReadonlyMap<string, string> =>
  new Map([...Map.groupBy(rows, nameOf)].map(([name, same]) => [name, JSON.stringify(same)]))
