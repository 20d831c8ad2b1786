import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type RepomdRecord, repomdXml } from "../../src/repodata/repomd.ts"

const record = (type: string, more: Partial<RepomdRecord> = {}): RepomdRecord => ({
  type,
  checksum: { type: "sha256", value: "aa" },
  href: `repodata/aa-${type}.xml`,
  timestamp: 1700000000,
  size: 10,
  ...more
})
const print = (...records: ReadonlyArray<RepomdRecord>) =>
  Buffer.from(repomdXml({ revision: "42", records })).toString()
const types = (xml: string) => [...xml.matchAll(/<data type="([^"]*)"/g)].map(([, type]) => type)

describe("repomd.xml", () => {
  it("lists each file with its checksums and sizes", () => {
    expect(
      print(record("primary", { openChecksum: { type: "sha256", value: "bb" }, openSize: 99 }), record("group"))
    ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">
  <revision>42</revision>
  <data type="primary">
    <checksum type="sha256">aa</checksum>
    <open-checksum type="sha256">bb</open-checksum>
    <location href="repodata/aa-primary.xml"/>
    <timestamp>1700000000</timestamp>
    <size>10</size>
    <open-size>99</open-size>
  </data>
  <data type="group">
    <checksum type="sha256">aa</checksum>
    <location href="repodata/aa-group.xml"/>
    <timestamp>1700000000</timestamp>
    <size>10</size>
  </data>
</repomd>
`)
  })

  it("has the known types in createrepo_c's order, then the others bytewise", () => {
    const order = [
      "primary",
      "filelists",
      "other",
      "primary_db",
      "primary_zck",
      "Zeta",
      "group",
      "modules",
      "updateinfo"
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(order, { minLength: order.length }), (shuffled) => {
        expect(types(print(...shuffled.map((type) => record(type))))).toEqual(order)
      })
    )
  })

  it("escapes what it is given, and keeps UTF-8 raw in attributes", () => {
    expect(print(record("group", { href: 'repodata/aa-ü"&.xml' }))).toContain('href="repodata/aa-ü&quot;&amp;.xml"')
    expect(Buffer.from(repomdXml({ revision: "<1>", records: [] })).toString()).toContain(
      "<revision>&lt;1&gt;</revision>"
    )
  })
})
