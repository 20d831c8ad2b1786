import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { Repomd } from "../../rules/repomd.ts"
import { engineKit } from "../kit/engine-kit.ts"

const record = {
  type: "primary",
  name: "aa-primary.xml.gz",
  checksum: "a".repeat(64),
  size: 100,
  openChecksum: "b".repeat(64),
  openSize: 1000
}

const textOf = async (input: Parameters<typeof Repomd.label>[0]) => {
  const kit = engineKit()
  return Buffer.from(kit.read(Bytes, await kit.want(Repomd, input))).toString()
}

describe("repomd", () => {
  it("lists each file under repodata/, with the time of the content's newest event", async () => {
    expect(await textOf({ records: [record], time: 1_700_000_000 })).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">',
        "  <revision>1700000000</revision>",
        '  <data type="primary">',
        `    <checksum type="sha256">${"a".repeat(64)}</checksum>`,
        `    <open-checksum type="sha256">${"b".repeat(64)}</open-checksum>`,
        '    <location href="repodata/aa-primary.xml.gz"/>',
        "    <timestamp>1700000000</timestamp>",
        "    <size>100</size>",
        "    <open-size>1000</open-size>",
        "  </data>",
        "</repomd>",
        ""
      ].join("\n")
    )
  })

  it("leaves out a sum that was not taken", async () => {
    const { openChecksum: _, ...plain } = record
    expect(await textOf({ records: [plain], time: 0 })).not.toContain("open-checksum")
  })
})
