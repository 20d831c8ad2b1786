import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readDictionaries } from "../../src/export/zchunk-dictionaries.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-dictionaries-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const files = ["primary.xml", "comps.xml"]
const read = (path = folder) => Effect.runPromise(readDictionaries(path, files))
const refusal = async (path = folder) => (await Effect.runPromise(Effect.flip(readDictionaries(path, files)))).message

describe("zchunk dictionaries", () => {
  it("are read by the names of their files; those that are missing are warned of", async () => {
    writeFileSync(join(folder, "comps.xml.zdict"), "<comps><group>")
    writeFileSync(join(folder, "other.xml.zdict"), "<otherdata>")
    expect(await read()).toEqual({
      dictionaries: [{ file: "comps.xml", content: Buffer.from("<comps><group>") }],
      warnings: [`${join(folder, "primary.xml.zdict")} is missing: primary.xml.zck is made without a dictionary`]
    })
  })

  it("are refused in Koji's words where there is no folder", async () => {
    const file = join(folder, "file")
    writeFileSync(file, "")
    expect(await refusal(file)).toBe(`zchunk dir path is file: ${file}`)
    expect(await refusal(join(folder, "none"))).toBe(`zchunk dir path doesn't exist: ${join(folder, "none")}`)
  })

  it("that cannot be used are refused, all of them at once", async () => {
    writeFileSync(join(folder, "primary.xml.zdict"), Buffer.concat([Buffer.from("37a430ec", "hex"), Buffer.alloc(99)]))
    mkdirSync(join(folder, "comps.xml.zdict"))
    const [damaged, unreadable] = (await refusal()).split("\n")
    expect(damaged).toBe(
      `the zchunk dictionary ${join(folder, "primary.xml.zdict")} cannot be used: it begins like one that zstd was trained for, and is damaged`
    )
    expect(unreadable).toContain(`the zchunk dictionary ${join(folder, "comps.xml.zdict")} cannot be used: EISDIR`)
  })

  it("that are empty are refused", async () => {
    writeFileSync(join(folder, "primary.xml.zdict"), "")
    expect(await refusal()).toContain("it is empty")
  })
})
