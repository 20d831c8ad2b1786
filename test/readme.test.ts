import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..")
const readme = readFileSync(join(root, "README.md"), "utf8")

/** What differs from run to run: the temporary folder, times, and how far the numbers' columns are padded. */
const steady = (text: string): string =>
  text
    .replace(/\/\S*distgraph-demo-\w+/g, "DIR")
    .replace(/(?:<1|\d+(?:\.\d+)?) (?:ms|s|min)\b/g, "TIME")
    .replace(/\b17\d{8}\b/g, "SECONDS")
    .replace(/ +/g, " ")

describe("the README", () => {
  it("shows what npm run demo prints", { timeout: 60_000 }, () => {
    const shown = /<!-- demo -->\n```console\n(.*?)```\n<!-- \/demo -->/s.exec(readme)?.[1] ?? "nothing"
    const demo = [process.execPath, join(root, "src/cli/demo.ts")]
    const printed = execFileSync("sh", ["-c", '"$0" "$1" 2>&1', ...demo], { encoding: "utf8" })
    expect(steady(printed)).toContain(steady(shown))
  })

  it("links to files that are there", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? "")
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
    expect(links).not.toEqual([])
  })
})
