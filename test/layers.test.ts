import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "..")
const cruise = (at: string) =>
  spawnSync(
    process.execPath,
    [join(root, "node_modules/.bin/depcruise"), "--config", ".dependency-cruiser.mjs", "src", "graph", "rules", "test"],
    { cwd: at, encoding: "utf8" }
  )

describe("the layer check", () => {
  it("passes on the tree", () => {
    expect(cruise(root).stdout).toMatch(/no dependency violations found \(\d{3,} modules/)
  })
})

describe("the layer check on a planted import", () => {
  let copy: string
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), "distgraph-layers-"))
    for (const name of [".dependency-cruiser.mjs", "tsconfig.json", "package.json"]) {
      cpSync(join(root, name), join(copy, name))
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"))
    for (const folder of ["src", "graph", "rules", "test"]) mkdirSync(join(copy, folder))
  })
  afterEach(() => rmSync(copy, { recursive: true }))

  const planted: ReadonlyArray<readonly [string, string, string]> = [
    ["graph-stands-alone", "graph/a.ts", "src/rpm/evr.ts"],
    ["bundle-stands-alone", "src/bundle/a.ts", "src/cli/main.ts"],
    ["bundler-is-no-part-of-the-program", "src/cli/a.ts", "src/bundle/bundle.ts"],
    ["rpm-imports-rpm", "src/rpm/a.ts", "src/repodata/primary.ts"],
    ["repodata-imports-rpm", "src/repodata/a.ts", "src/koji/arch.ts"],
    ["koji-imports-rpm", "src/koji/a.ts", "src/repodata/primary.ts"],
    ["rules-see-no-source", "rules/a.ts", "src/source/source.ts"],
    ["hub", "src/hub/a.ts", "rules/index.ts"],
    ["source", "src/source/a.ts", "src/publish/publish-repo.ts"],
    ["publish", "src/publish/a.ts", "src/export/story.ts"],
    ["export", "src/export/a.ts", "src/server/pages.ts"],
    ["telemetry", "src/telemetry/a.ts", "src/hub/hub.ts"],
    ["nothing-imports-cli", "src/export/a.ts", "src/cli/main.ts"],
    ["nothing-imports-test", "graph/a.ts", "test/kit/oracle.ts"],
    ["one-door-into-graph", "rules/a.ts", "graph/store.ts"],
    ["one-door-into-rules", "src/export/a.ts", "rules/tree.ts"]
  ]
  it.each(planted)("fails by %s: %s may not import %s", (rule, from, to) => {
    for (const [file, text] of [
      [to, "export const a = 1\n"],
      [from, `import "${"../".repeat(from.split("/").length - 1)}${to}"\n`]
    ] as const) {
      mkdirSync(dirname(join(copy, file)), { recursive: true })
      writeFileSync(join(copy, file), text)
    }
    const { status, stdout } = cruise(copy)
    expect(stdout).toContain(`error ${rule}: ${from}`)
    expect(status).not.toBe(0)
  })
})
