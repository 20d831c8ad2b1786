import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { Repomd } from "../../rules/repomd.ts"
import { engineKit } from "../kit/engine-kit.ts"

type Input = Parameters<typeof Repomd.label>[0]

/** A file whose checksum is one digit over and over. */
const file = (kind: string, digit: string) => ({
  name: `${kind}.xml.gz`,
  checksum: digit.repeat(64),
  size: 100,
  openChecksum: "e".repeat(64),
  openSize: 1000
})

const files = {
  other: file("other", "c"),
  filelists: file("filelists", "b"),
  primary: file("primary", "a")
}
const input: Input = {
  files,
  stamp: { event: 50, time: 1_700_000_000 }
}

const textOf = async (of: Input) => {
  const kit = engineKit()
  return Buffer.from(kit.read(Bytes, await kit.want(Repomd, of))).toString()
}

describe("repomd", () => {
  it("lists each file under repodata/, with the time of the content's newest event", async () => {
    expect(await textOf(input)).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">',
        "  <revision>1700000000</revision>",
        ...Object.entries({ primary: "a", filelists: "b", other: "c" }).flatMap(([type, digit]) => [
          `  <data type="${type}">`,
          `    <checksum type="sha256">${digit.repeat(64)}</checksum>`,
          `    <open-checksum type="sha256">${"e".repeat(64)}</open-checksum>`,
          `    <location href="repodata/${digit.repeat(64)}-${type}.xml.gz"/>`,
          "    <timestamp>1700000000</timestamp>",
          "    <size>100</size>",
          "    <open-size>1000</open-size>",
          "  </data>"
        ]),
        "</repomd>",
        ""
      ].join("\n")
    )
  })

  it("leaves out a sum that was not taken", async () => {
    const { openChecksum: _, ...other } = files.other
    expect((await textOf({ ...input, files: { ...files, other } })).match(/<open-checksum/g)).toHaveLength(2)
  })

  it("is told anew by the file that changed, and by its event", async () => {
    const kit = engineKit()
    await kit.want(Repomd, input)
    await kit.want(Repomd, {
      ...input,
      files: { ...files, filelists: { ...files.filelists, checksum: "d".repeat(64) } },
      stamp: { ...input.stamp, event: 51 }
    })
    expect((await kit.explain()).root?.outcome).toMatchObject({
      reason: {
        _tag: "InputChanged",
        changes: [{ field: "files.filelists.checksum" }, { field: "stamp.event", before: "50", after: "51" }]
      }
    })
  })
})
