import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type DeltaRpm, drpmHref, parseSequence, prestodeltaXml } from "../../src/repodata/prestodelta.ts"

const hello = (arch: string, over: Partial<DeltaRpm> = {}): DeltaRpm => ({
  package: { name: "hello", epoch: null, version: "1.1", release: "1", arch },
  from: { epoch: null, version: "1.0", release: "1" },
  sequence: "hello-1.0-1-befbe9c83d173dcc520302d9e14b260740",
  size: 3548,
  sha256: "0233f29599272f3b0ae6a5b7ca2ea1f8717983f2664ffe366869c52ad9d09f5e",
  ...over
})

const text = (deltas: ReadonlyArray<DeltaRpm>): string => Buffer.from(prestodeltaXml(deltas)).toString()

describe("prestodelta.xml", () => {
  it("is what createrepo_c 0.17.3 prints for the same deltas, in an order that stays", () => {
    const deltas = [
      hello("x86_64", {
        sequence: "hello-1.0-1-1d44e7805a05dea7d69d40ac2da8dd0f40",
        size: 3533,
        sha256: "34bcf31fdb542ccca44d66e1de54400959d0b285dfa9bd5f7bde321d0a2775ac"
      }),
      hello("aarch64")
    ]
    expect(text(deltas)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<prestodelta>
  <newpackage name="hello" epoch="0" version="1.1" release="1" arch="aarch64">
    <delta oldepoch="0" oldversion="1.0" oldrelease="1">
      <filename>drpms/hello-1.0-1_1.1-1.aarch64.drpm</filename>
      <sequence>hello-1.0-1-befbe9c83d173dcc520302d9e14b260740</sequence>
      <size>3548</size>
      <checksum type="sha256">0233f29599272f3b0ae6a5b7ca2ea1f8717983f2664ffe366869c52ad9d09f5e</checksum>
    </delta>
  </newpackage>
  <newpackage name="hello" epoch="0" version="1.1" release="1" arch="x86_64">
    <delta oldepoch="0" oldversion="1.0" oldrelease="1">
      <filename>drpms/hello-1.0-1_1.1-1.x86_64.drpm</filename>
      <sequence>hello-1.0-1-1d44e7805a05dea7d69d40ac2da8dd0f40</sequence>
      <size>3533</size>
      <checksum type="sha256">34bcf31fdb542ccca44d66e1de54400959d0b285dfa9bd5f7bde321d0a2775ac</checksum>
    </delta>
  </newpackage>
</prestodelta>`)
    expect(text(deltas.toReversed())).toBe(text(deltas))
  })

  it("of no deltas is an empty element, as Koji's createrepo_c leaves it", () => {
    expect(text([])).toBe('<?xml version="1.0" encoding="UTF-8"?>\n<prestodelta>\n</prestodelta>')
  })

  it("lists the deltas of one package together, that from the newest edition first, with epochs", () => {
    const from = (epoch: number | null, version: string) => hello("noarch", { from: { epoch, version, release: "1" } })
    const xml = text([from(null, "1.9"), from(1, "0.1"), from(null, "1.10")])
    expect(xml.match(/<newpackage/g)).toHaveLength(1)
    expect(
      [...xml.matchAll(/oldepoch="(\d+)" oldversion="([^"]+)"/g)].map(([, epoch, version]) => [epoch, version])
    ).toEqual([
      ["1", "0.1"],
      ["0", "1.10"],
      ["0", "1.9"]
    ])
  })

  it("escapes what XML needs escaped, in attributes too", () => {
    const odd = { name: 'a&"b', epoch: 2, version: "1<2", release: "ü", arch: "noarch" }
    const xml = text([
      hello("", { package: odd, from: { epoch: null, version: "1>0", release: '"' }, sequence: "a&b-1-1-0" })
    ])
    expect(xml).toContain('<newpackage name="a&amp;&quot;b" epoch="2" version="1&lt;2" release="ü" arch="noarch">')
    expect(xml).toContain('<delta oldepoch="0" oldversion="1&gt;0" oldrelease="&quot;">')
    expect(xml).toContain('<filename>drpms/a&amp;"b-1&gt;0-"_1&lt;2-ü.noarch.drpm</filename>')
    expect(xml).toContain("<sequence>a&amp;b-1-1-0</sequence>")
  })
})

describe("the place of a delta", () => {
  it("names both editions and no epoch", () => {
    const made = { name: "bash", epoch: 1, version: "5.2", release: "3.fc40", arch: "x86_64" }
    expect(drpmHref(made, { epoch: 1, version: "5.1", release: "1.fc40" })).toBe(
      "drpms/bash-5.1-1.fc40_5.2-3.fc40.x86_64.drpm"
    )
  })
})

describe("a sequence", () => {
  const clockwork = { name: "clock-work", epoch: 1, version: "3.2", release: "4", arch: "x86_64" }
  const md5 = "0123456789abcdef0123456789abcdef"

  it("is taken as it stands where it begins with the package that the delta is from", () => {
    expect(parseSequence(`clock-work-1:3.2-4-${md5}a1\n`, clockwork)).toBe(`clock-work-1:3.2-4-${md5}a1`)
    expect(parseSequence(`clock-work-3.2-4-${md5}`, { ...clockwork, epoch: null })).toBe(`clock-work-3.2-4-${md5}`)
  })

  it.each([
    `clock-work-2:3.2-4-${md5}`,
    `clock-work-1:3.2-5-${md5}`,
    `work-1:3.2-4-${md5}`,
    `clock-work-1:3.2-4-${md5.slice(1)}`,
    `clock-work-1:3.2-4-${md5.toUpperCase()}`,
    `clock-work-1:3.2-4-${md5} `.concat("x"),
    ""
  ])("is none of the package in %j", (text) => {
    expect(parseSequence(text, clockwork)).toBeUndefined()
  })

  it("is never made up", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseSequence(text, clockwork)
        return read === undefined || read === text.trimEnd()
      })
    )
  })
})
