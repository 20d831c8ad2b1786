import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type CompsFilter, filterComps } from "../../src/repodata/comps.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

const filtered = (text: string | Uint8Array, filter: CompsFilter) => {
  const { content, warnings } = Either.getOrThrow(filterComps(Buffer.from(text), filter))
  return { text: Buffer.from(content).toString(), warnings }
}
const refusal = (text: string) =>
  Either.getOrThrow(Either.flip(filterComps(Buffer.from(text), { arches: [], packages: null }))).reason

const source = `<?xml version="1.0"?>
<comps><!-- words -->
  <group><id>all</id><_name>Everything</_name><name xml:lang="de">Alles &amp; mehr</name>
    <description/>
    <packagelist>
      <packagereq type="mandatory" arch="x86_64,aarch64">bash</packagereq>
      <packagereq arch="s390x" type="optional">s390utils</packagereq>
      <packagereq requires="bash" type="conditional"> zsh </packagereq>
    </packagelist></group>
  <group arch="ppc64le"><id>power</id><packagelist><packagereq>tool</packagereq></packagelist></group>
  <group><id>empty</id><packagelist>
  </packagelist></group>
  <category><id>c</id><grouplist><groupid>power</groupid></grouplist></category>
  <category><id>none</id></category>
  <environment><id>e</id><grouplist><groupid>all</groupid><groupid arch="s390x">empty</groupid></grouplist>
    <optionlist><groupid default="true">power</groupid></optionlist></environment>
  <blacklist><package name="x" arch="i686"/></blacklist>
  <unknown arch=""><a b="c"/></unknown>
</comps>`

describe("comps, limited to arches", () => {
  it("loses what is for others, and has one form", () => {
    expect(filtered(source, { arches: ["x86_64", "noarch"], packages: null })).toEqual({
      text: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps>
  <group>
    <id>all</id>
    <name>Everything</name>
    <name xml:lang="de">Alles &amp; mehr</name>
    <description/>
    <packagelist>
      <packagereq type="mandatory">bash</packagereq>
      <packagereq requires="bash" type="conditional"> zsh </packagereq>
    </packagelist>
  </group>
  <group>
    <id>empty</id>
    <packagelist/>
  </group>
  <category>
    <id>none</id>
  </category>
  <environment>
    <id>e</id>
    <grouplist>
      <groupid>all</groupid>
    </grouplist>
    <optionlist/>
  </environment>
  <blacklist>
    <package name="x" arch="i686"/>
  </blacklist>
  <unknown>
    <a b="c"/>
  </unknown>
</comps>
`,
      warnings: ["comps groups that have nothing in the repository are left out: power"]
    })
  })
})

describe("comps, limited to packages", () => {
  it("loses those that are not there, groups without any, and what names such groups", () => {
    const { text, warnings } = filtered(source, { arches: ["x86_64"], packages: new Set(["zsh"]) })
    expect([...text.matchAll(/<(?:id|groupid|packagereq)[^>]*>([^<]*)</g)].map(([, name]) => name)).toEqual([
      "all",
      " zsh ",
      "none",
      "e",
      "all"
    ])
    expect(warnings).toEqual([
      "packages that the repository does not hold are left out of comps groups: bash",
      "comps groups that have nothing in the repository are left out: empty, power"
    ])
  })

  it("changes nothing when it is done again", () => {
    fc.assert(
      fc.property(
        fc.subarray(["x86_64", "s390x", "ppc64le"]),
        fc.option(fc.subarray(["bash", "zsh", "tool", "s390utils"])),
        (arches, names) => {
          const filter = { arches, packages: names === null ? null : new Set(names) }
          const once = filtered(source, filter).text
          expect(filtered(once, filter)).toEqual({ text: once, warnings: [] })
        }
      )
    )
  })
})

describe("comps", () => {
  it.each([
    ["another document", "<updates/>", "its root is updates, not comps"],
    ["no XML", "<comps>", "unclosed root tag"]
  ])("that is %s is refused", (_, text, reason) => {
    expect(refusal(text)).toContain(reason)
  })
})

describeWithShared("repodata", "comps")("published comps files", () => {
  it.each([
    "fedora/comps-f41.xml.in",
    "fedora/comps-eln.xml.in.in",
    "fedora/comps-f9.xml.in.gz",
    "centos7-x86_64-comps.xml.gz",
    "el6-comps.xml.gz",
    "xcp-ng-comps.xml"
  ])("%s keep all but what is for other arches", (name) => {
    const stored = readFileSync(sharedPath("repodata", "comps", name))
    const text = (name.endsWith(".gz") ? gunzipSync(stored) : stored).toString()
    const made = filtered(text, { arches: ["x86_64"], packages: null }).text
    const requests = [...text.replace(/<!--.*?-->/gs, "").matchAll(/<packagereq([^>]*)>([^<]*)</g)]
    const kept = requests.filter(([, attributes = ""]) => !/ arch="(?![^"]*x86_64)/.test(attributes))
    expect([...made.matchAll(/<packagereq[^>]*>([^<]*)</g)].map(([, request]) => request)).toEqual(
      kept.map(([, , request]) => request)
    )
    expect(filtered(made, { arches: ["x86_64"], packages: null }).text).toBe(made)
  })
})
