import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { allRules } from "./all-rules.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/rules.md"), "utf8")

/** The cells of a table's line. */
const cellsOf = (line: string): ReadonlyArray<string> =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim())

const listed = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map(cellsOf)

describe("the page of rules", () => {
  it("lists every rule once, with its kind, its version and what it asks for, and nothing else", () => {
    const rules = [...allRules.values()].map(({ kind, name, needs, version }) => [
      `\`${name}\``,
      kind,
      String(version),
      needs.map((needed) => `\`${needed.name}\``).join(", ")
    ])
    expect(listed.map(([name, kind, version, , needs]) => [name, kind, version, needs]).toSorted()).toEqual(
      rules.toSorted()
    )
  })

  it("says of each what it makes of what", () => {
    const vague = listed.filter(([, , , what = ""]) => !/^the same|^\S.* → \S/.test(what))
    expect(vague.map(([name]) => name)).toEqual([])
  })
})
