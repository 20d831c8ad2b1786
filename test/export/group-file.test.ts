import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readGroupFile } from "../../src/export/group-file.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-groups-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const text = "<comps><group/></comps>"
const read = (file: string) => Effect.runPromise(readGroupFile(folder, file))
const refusal = async (file: string) => (await Effect.runPromise(Effect.flip(readGroupFile(folder, file)))).message

describe("a group file", () => {
  it.each([
    ["comps.xml", Buffer.from(text), "comps.xml"],
    ["comps-f42.xml.gz", gzipSync(text), "comps-f42.xml"],
    ["comps.xml.zst", zstdCompressSync(text), "comps.xml"],
    ["comps.xml.gz", Buffer.from(text), "comps.xml.gz"]
  ])("%s is read as it was before it was packed", async (file, bytes, name) => {
    writeFileSync(join(folder, file), bytes)
    const groups = await read(file)
    expect([groups.name, Buffer.from(groups.content).toString()]).toEqual([name, text])
    expect(await read(join(folder, file))).toEqual(groups)
  })

  it.each([
    ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), "compressed with xz, which is not read"],
    ["bz2", Buffer.from("BZh9"), "compressed with bzip2, which is not read"],
    ["cut", gzipSync(text).subarray(0, 15), "unexpected end of file"],
    ["text", Buffer.from("groups"), "not well-formed XML"]
  ])("that is %s is refused", async (name, bytes, reason) => {
    writeFileSync(join(folder, name), bytes)
    expect(await refusal(name)).toContain(`the group file ${join(folder, name)} cannot be used: `)
    expect(await refusal(name)).toContain(reason)
  })

  it("that is not there is refused", async () => {
    expect(await refusal("nowhere.xml")).toContain("ENOENT")
  })
})

describeWithShared("repodata", "comps")("real comps files", () => {
  it("are taken as they are", async () => {
    const files = readdirSync(sharedPath("repodata", "comps"), { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".xml")
    )
    for (const path of files) {
      const file = sharedPath("repodata", "comps", path)
      expect(Buffer.from((await read(file)).content)).toEqual(readFileSync(file))
    }
  })
})
