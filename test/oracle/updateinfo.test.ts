import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Either } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { updateinfoXml } from "../../src/repodata/updateinfo/print-updateinfo.ts"
import { readUpdateinfo } from "../../src/repodata/updateinfo/read-updateinfo.ts"
import { runTool } from "../kit/clients.ts"
import { createrepoCs } from "../kit/createrepo-c.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { advisoryXml, updatesXml } from "../repodata/updateinfo/updateinfo-fixtures.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-updateinfo-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const tools = createrepoCs().flatMap(({ python, version }) => (python === undefined ? [] : [{ python, version }]))

const script = "import createrepo_c, sys; sys.stdout.write(createrepo_c.UpdateInfo(sys.argv[1]).xml_dump())"

/** What createrepo_c's library makes of a file, but for its fault of reading `&amp;` in attributes as `&#38;`. */
const dumped = async (python: string, text: Uint8Array): Promise<string> => {
  const file = join(mkdtempSync(join(folder, "in-")), "updateinfo.xml")
  writeFileSync(file, text)
  return (await runTool(python, ["-c", script, file])).stdout.replaceAll("&amp;#38;", "&amp;")
}

const reprinted = (text: Uint8Array): string =>
  Buffer.from(updateinfoXml(Either.getOrThrow(readUpdateinfo(text)))).toString()

describe("updateinfo.xml, printed", () => {
  it.each(tools)("is as createrepo_c $version prints it", async ({ python }) => {
    const listed = { name: "a", filename: "a&amp;b.rpm", sha256: "AB" }
    const text = Buffer.from(updatesXml(advisoryXml({ collections: [[listed, { name: "b" }], []], title: "é&lt;" })))
    expect(reprinted(text)).toBe(await dumped(python, text))
  })
})

describeWithShared("repodata", "updateinfo")("published updateinfo.xml files, printed", () => {
  const files = readdirSync(sharedPath("repodata", "updateinfo")).filter((name) => /updateinfo.*\.xml/.test(name))
  const good = files.filter((name) => !name.startsWith("invalid-"))

  it.each(tools.flatMap((tool) => good.map((name) => ({ ...tool, name }))))(
    "are as createrepo_c $version prints them: $name",
    async ({ name, python }) => {
      const stored = readFileSync(sharedPath("repodata", "updateinfo", name))
      const text = name.endsWith(".gz") ? gunzipSync(stored) : stored
      expect(reprinted(text)).toBe(await dumped(python, text))
    }
  )

  it("that are no XML are refused", () => {
    const invalid = gunzipSync(readFileSync(sharedPath("repodata", "updateinfo", "invalid-updateinfo.xml.gz")))
    expect(Either.isLeft(readUpdateinfo(invalid))).toBe(true)
  })
})
