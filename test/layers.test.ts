import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..")
const cruise = (...paths: ReadonlyArray<string>) =>
  spawnSync(
    process.execPath,
    [join(root, "node_modules/.bin/depcruise"), "--config", ".dependency-cruiser.mjs", ...paths],
    {
      cwd: root,
      encoding: "utf8"
    }
  )

describe("the layer check", () => {
  it("fails on a planted forbidden import, so it reads the sources at all", () => {
    const folder = mkdtempSync(join(root, "graph", "planted-"))
    try {
      writeFileSync(join(folder, "planted.ts"), 'import "../../src/rpm/evr.ts"\n')
      const { status, stdout } = cruise("graph")
      expect(status).not.toBe(0)
      expect(stdout).toContain("graph-stands-alone")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it("passes on the tree", () => {
    expect(execFileSync("npm", ["run", "-s", "layers"], { cwd: root, encoding: "utf8" })).toMatch(
      /no dependency violations found/
    )
  })
})
