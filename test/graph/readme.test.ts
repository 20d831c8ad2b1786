import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"

const readme = readFileSync(join(import.meta.dirname, "../../graph/README.md"), "utf8")

const blocks = (language: string): ReadonlyArray<string> =>
  [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, is, text]) => (is === language && text ? text : []))

// Inside the repository, so that packages resolve; each file under the name in its first line.
const directory = mkdtempSync(join(import.meta.dirname, ".readme-"))
afterAll(() => rmSync(directory, { recursive: true }))
for (const block of blocks("ts")) {
  const name = /^\/\/ (\S+)\n/.exec(block)?.[1] ?? ""
  writeFileSync(
    join(directory, name),
    block.replaceAll('"../graph/', '"../../../graph/').replaceAll('"../test/', '"../../')
  )
}

describe("the program in the engine's README", () => {
  it("prints what the README says", () => {
    const printed = execFileSync(process.execPath, [join(directory, "main.ts")], { encoding: "utf8" })
    expect(printed).toBe(blocks("text").join(""))
  })

  it("type-checks", () => {
    const tsc = join(import.meta.dirname, "../../node_modules/.bin/tsc")
    const config = join(directory, "tsconfig.json")
    writeFileSync(config, JSON.stringify({ extends: "../../../tsconfig.json", include: ["*.ts"] }))
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", config], { encoding: "utf8" })
    expect(stdout).toBe("")
  }, 60_000)
})

describe("the tests in the engine's README", async () => {
  await import(join(directory, "words.test.ts"))
})
