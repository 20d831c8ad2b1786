import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { Either } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { mergeModules, modulesYaml } from "../../src/repodata/modules/merge-modules.ts"
import { readModules } from "../../src/repodata/modules/read-modules.ts"
import { type CreaterepoC, createrepo, createrepoCs } from "../kit/createrepo-c.ts"
import { describeWithShared, describeWithTools, sharedPath } from "../kit/oracle.ts"
import { defaultsYaml, streamYaml } from "../repodata/modules/module-fixtures.ts"

/** createrepo_c merges the module metadata that it finds, by libmodulemd: what is printed here must mean the same to it. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-modules-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Module metadata as createrepo_c prints it, having read these texts. */
const asPrinted = async (tool: CreaterepoC, texts: ReadonlyArray<Uint8Array>): Promise<string> => {
  const directory = mkdtempSync(join(folder, "in-"))
  mkdirSync(join(directory, "modules"))
  for (const [index, text] of texts.entries()) writeFileSync(join(directory, "modules", `${index}.modules.yaml`), text)
  await createrepo(tool, "gz", ["--quiet", directory])
  const written = readdirSync(join(directory, "repodata")).find((name) => /modules\.yaml\.(?:gz|zst)$/.test(name)) ?? ""
  const stored = readFileSync(join(directory, "repodata", written))
  return (written.endsWith(".gz") ? gunzipSync : zstdDecompressSync)(stored).toString()
}

const merged = (texts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const read = texts.map((text) => Either.getOrThrow(readModules(text)).documents)
  return modulesYaml(Either.getOrThrow(mergeModules(read)).documents)
}

const tools = createrepoCs()

describeWithTools("createrepo_c")("module metadata, merged", () => {
  it.each(tools)("means to createrepo_c $version what its sources mean", async (tool) => {
    const texts = [
      streamYaml({ rpms: ["a-0:1-1.x86_64", "a-0:1-1.noarch"] }) + defaultsYaml({ modified: "1" }),
      streamYaml({ rpms: ["a-0:1-1.noarch", "a-0:1-1.x86_64"] }) + streamYaml({ version: "18446744073709551615" }),
      streamYaml({ name: "b", summary: '"Text: with #, \\t and é"' }) + defaultsYaml({ modified: "2", stream: "2" })
    ].map((text) => Buffer.from(text))
    expect(await asPrinted(tool, [merged(texts)])).toBe(await asPrinted(tool, texts))
  })
})

describeWithShared("repodata", "modules")("published module metadata, merged", () => {
  const files = [
    ["f29.yaml.gz"],
    ["f29-updates.yaml.gz"],
    ["el8-appstream-early-modules.yaml.gz"],
    ["eurolinux-8-i686-appstream-modules.yaml.gz", "eurolinux-8-x86_64-powertools-modules.yaml.gz"]
  ]
  it.each(tools.flatMap((tool) => files.map((names) => ({ ...tool, names, tool }))))(
    "means to createrepo_c $version what its sources mean: $names",
    async ({ names, tool }) => {
      const texts = names.map((name) => gunzipSync(readFileSync(sharedPath("repodata", "modules", name))))
      expect(await asPrinted(tool, [merged(texts)])).toBe(await asPrinted(tool, texts))
    }
  )
})
