import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Either } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { filterComps } from "../../src/repodata/comps.ts"
import { runTool } from "../kit/clients.ts"
import { createrepoCs } from "../kit/createrepo-c.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

/** libcomps, which dnf reads comps with, limits to arches as well. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-comps-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const script = `
import libcomps, sys
comps = libcomps.Comps()
if comps.fromxml_f(sys.argv[1]) < 0: raise SystemExit(str(comps.get_last_errors()))
sys.stdout.write((comps.arch_filter(["x86_64"]) if sys.argv[2] == "filter" else comps).xml_str())
`

/** How many blanks begin a description is libcomps' whim: it depends on where its reader's buffer ends. */
const trimmed = (text: string): string => text.replace(/<description>\s+/g, "<description>")

const hasLibcomps = (python: string): boolean => {
  try {
    execFileSync(python, ["-c", "import libcomps"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}
const pythons = createrepoCs().flatMap(({ python }) => (python !== undefined && hasLibcomps(python) ? [python] : []))

describeWithShared("repodata", "comps")("published comps files, limited to an arch", () => {
  const names = [
    "centos7-x86_64-comps.xml.gz",
    "koji-comps-example.xml.gz",
    "xcp-ng-comps.xml",
    "fedora/comps-f41.xml.in"
  ]

  it.each(pythons.flatMap((python) => names.map((name) => ({ name, python }))))(
    "are to libcomps what it makes of them: $name",
    async ({ name, python }) => {
      const stored = readFileSync(sharedPath("repodata", "comps", name))
      const text = (name.endsWith(".gz") ? gunzipSync(stored) : stored).toString().replace(/<(\/?)_/g, "<$1")
      const { content } = Either.getOrThrow(filterComps(Buffer.from(text), { arches: ["x86_64"], packages: null }))
      const [source, ours] = [join(folder, "source.xml"), join(folder, "ours.xml")]
      writeFileSync(source, text)
      writeFileSync(ours, content)
      const [whole, limited, made] = await Promise.all([
        runTool(python, ["-c", script, source, "all"]),
        runTool(python, ["-c", script, source, "filter"]),
        runTool(python, ["-c", script, ours, "all"])
      ])
      // libcomps loses langpacks when it limits a file
      const langpacks = / {2}<langpacks>.*<\/langpacks>\n/s
      expect(limited.stdout.length).toBeGreaterThan(1000)
      expect(trimmed(made.stdout.replace(langpacks, ""))).toBe(trimmed(limited.stdout))
      expect(langpacks.exec(made.stdout)?.[0]).toBe(langpacks.exec(whole.stdout)?.[0])
    }
  )
})
