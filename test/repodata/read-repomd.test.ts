import { readdirSync, readFileSync } from "node:fs"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { readRepomd } from "../../src/repodata/read-repomd.ts"
import { type Repomd, type RepomdRecord, repomdXml } from "../../src/repodata/repomd.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

const word = fc
  .string({ minLength: 1, unit: "grapheme" })
  .filter(
    (text) => text.trim() === text && !/\p{Cc}/u.test(text) && text.isWellFormed() && !/[\ufffe\uffff]/.test(text)
  )
const number = fc.integer({ min: 0, max: 10 ** 12 })
const checksum = fc.record({ type: word, value: word })
const record: fc.Arbitrary<RepomdRecord> = fc.record(
  {
    type: word,
    checksum,
    openChecksum: checksum,
    headerChecksum: checksum,
    href: word,
    base: word,
    timestamp: number,
    size: number,
    openSize: number,
    headerSize: number,
    databaseVersion: number
  },
  { requiredKeys: ["type", "checksum", "href", "timestamp"] }
)
const repomd: fc.Arbitrary<Repomd> = fc.record({
  revision: word,
  tags: fc.record({
    content: fc.array(word),
    repo: fc.array(word),
    distro: fc.array(fc.record({ cpeid: fc.option(word), text: word }))
  }),
  records: fc.uniqueArray(record, { selector: ({ type }) => type })
})

describe("repomd.xml, read", () => {
  it("gives what was printed into it", () => {
    fc.assert(
      fc.property(repomd, (printed) => {
        const read = Either.getOrThrow(readRepomd(repomdXml(printed)))
        const byType = ({ records, ...rest }: Repomd) => ({
          ...rest,
          records: records.toSorted((a, b) => (a.type < b.type ? -1 : 1))
        })
        expect(byType(read)).toEqual(byType(printed))
      })
    )
  })

  it.each([
    ["<other/>", "its root is other, not repomd"],
    ["<repomd><data type='a'><location href='b'/></data></repomd>", "no checksum"],
    ["<repomd>", "unclosed root tag"]
  ])("that is %s is refused", (text, reason) => {
    expect(Either.getOrThrow(Either.flip(readRepomd(Buffer.from(text)))).reason).toContain(reason)
  })

  it("cuts fractions of seconds off, and passes over what it does not know", () => {
    const text =
      "<repomd><revision> 7 </revision><new><data type='no'/></new><data type='a'><checksum type='sha'>c</checksum><location href='b'/>" +
      "<timestamp>12.75</timestamp><x><size>9</size></x></data></repomd>"
    expect(Either.getOrThrow(readRepomd(Buffer.from(text)))).toMatchObject({
      revision: "7",
      records: [{ type: "a", checksum: { type: "sha", value: "c" }, href: "b", timestamp: 12 }]
    })
  })
})

describeWithShared("repodata")("real repomd.xml files", () => {
  it("are read, every record of them, but for empty ones and one without a type", () => {
    const files = readdirSync(sharedPath("repodata"), { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith("repomd.xml")
    )
    expect(files.length).toBeGreaterThan(20)
    for (const path of files) {
      const bytes = readFileSync(sharedPath("repodata", path))
      const read = readRepomd(bytes)
      const isWhole = bytes.length > 0 && !path.includes("missing_type")
      expect([path, Either.isRight(read)]).toEqual([path, isWhole])
      if (Either.isLeft(read)) continue
      expect([path, read.right.records.length]).toEqual([path, bytes.toString().match(/<data /g)?.length ?? 0])
    }
  })
})
