import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { heldPackages } from "../../../src/repodata/held-packages.ts"
import { filterUpdateinfo, mergeUpdateinfo } from "../../../src/repodata/updateinfo/merge-updateinfo.ts"
import { updateinfoXml } from "../../../src/repodata/updateinfo/print-updateinfo.ts"
import { readUpdateinfo } from "../../../src/repodata/updateinfo/read-updateinfo.ts"
import { advisoryXml, updatesXml } from "./updateinfo-fixtures.ts"

const read = (text: string) => Either.getOrThrow(readUpdateinfo(Buffer.from(text)))
const refusal = (text: string) => Either.getOrThrow(Either.flip(readUpdateinfo(Buffer.from(text)))).reason
const reprinted = (text: string) => Buffer.from(updateinfoXml(read(text))).toString()

const held = heldPackages(
  [
    { name: "a", nevra: "a-0:1-1.x86_64", checksum: "aa", fileName: "a-1-1.x86_64.rpm" },
    { name: "b", nevra: "b-2:1-1.noarch", checksum: "bb", fileName: "b-1-1.noarch.rpm" },
    { name: "c", nevra: "c-0:1-1.src", checksum: "cc", fileName: "c-1-1.nosrc.rpm" }
  ].map((package_) => ({ ...package_, checksumType: "sha256" }))
)

describe("updateinfo.xml", () => {
  // what createrepo_c 0.17.3 makes of the same text
  it("is printed as createrepo_c prints it", () => {
    const text = `<?xml version="1.0"?><updates><update version="2" author="x"><id>A</id><title>a</title><title>b</title>
      <pushcount>7</pushcount><severity/><issued/><updated date=""/><reboot_suggested>False</reboot_suggested>
      <summary> x &lt;&#13;"é </summary><references><reference href="x&quot;&#9;"/></references>
      <references><reference id="y">text</reference></references><pkglist><collection short=""><name/>
      <module name="a" version="0x10"/><package arch="x86_64" name="a" epoch=""><filename>a</filename><sum type="foo">x</sum>
      <sum type="SHA1">y</sum><reboot_suggested>False</reboot_suggested><restart_suggested>0</restart_suggested>
      <relogin_suggested/></package></collection><collection><package/></collection></pkglist><pkglist>
      <collection short="2"/></pkglist><release>r</release></update><update status="x"><id>B</id></update></updates>`
    expect(reprinted(text)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<updates>
  <update version="2">
    <id>A</id>
    <title>b</title>
    <updated date=""/>
    <release>r</release>
    <pushcount>7</pushcount>
    <summary> x &lt;&#13;"é </summary>
    <reboot_suggested>True</reboot_suggested>
    <references>
      <reference href="x&quot;&#9;"/>
      <reference id="y"/>
    </references>
    <pkglist>
      <collection short="">
        <module name="a" version="0"/>
        <package name="a" epoch="" arch="x86_64">
          <filename>a</filename>
          <sum type="sha1">y</sum>
          <reboot_suggested>True</reboot_suggested>
          <restart_suggested>True</restart_suggested>
          <relogin_suggested>True</relogin_suggested>
        </package>
      </collection>
      <collection>
        <package/>
      </collection>
      <collection short="2"/>
    </pkglist>
  </update>
  <update status="x">
    <id>B</id>
    <references/>
    <pkglist/>
  </update>
</updates>
`)
  })

  it.each([
    ["another document", "<comps/>", "its root is comps, not updates"],
    ["no XML", "updates", "non-whitespace before first tag."],
    [
      "without ids",
      "<updates><update/><update><id>A</id></update><update><id/></update></updates>",
      "the update elements 1, 3 (counted from 1) have no id"
    ]
  ])("that is %s is refused", (_, text, reason) => {
    expect(refusal(text)).toContain(reason)
  })

  it("that nests without end is refused", () => {
    expect(refusal(`<updates>${"<a>".repeat(5000)}${"</a>".repeat(5000)}</updates>`)).toContain("deeper than 100")
  })
})

describe("merging advisories", () => {
  it("keeps the first of an id, and tells of others with it that differ", () => {
    const [one, two, three] = ["one", "two", "three"].map((title) => read(updatesXml(advisoryXml({ id: "A", title }))))
    const other = read(updatesXml(advisoryXml({ id: "B" })))
    const files = [one, other, two, one, three].map((file) => file ?? [])
    const warning = "the advisory A is given with different contents: the first one counts"
    expect(mergeUpdateinfo(files)).toEqual({
      advisories: [...(one ?? []), ...other],
      warnings: [warning, warning]
    })
  })
})

describe("limiting advisories to a repository", () => {
  it("keeps packages that it holds by name, epoch, version, release and arch, and what they are in", () => {
    const text = updatesXml(
      advisoryXml({
        collections: [
          [{ name: "a" }, { name: "a", epoch: "1" }, { name: "a", arch: "i686" }, { name: "c", arch: "nosrc" }],
          [{ name: "b" }],
          [{ name: "b", epoch: "2", arch: "noarch" }]
        ]
      }),
      advisoryXml({ id: "gone", collections: [[{ name: "b" }]] })
    )
    expect(filterUpdateinfo(read(text), held)).toEqual({
      advisories: read(
        updatesXml(
          advisoryXml({
            collections: [[{ name: "a" }, { name: "c", arch: "nosrc" }], [{ name: "b", epoch: "2", arch: "noarch" }]]
          })
        )
      ),
      warnings: ["1 of 2 advisories left out, which are about no package of the repository"]
    })
  })

  it("tells of other checksums and file names", () => {
    const listed = { name: "a", filename: "Packages/other.rpm", sha256: "AB" }
    const good = { name: "a", filename: "x/a-1-1.x86_64.rpm", sha256: "AA" }
    const text = updatesXml(advisoryXml({ collections: [[listed, good]] }))
    expect(filterUpdateinfo(read(text), held).warnings).toEqual([
      "the advisory A has the sha256 AB for a-0:1-1.x86_64, whose file has aa",
      "the advisory A has the file name Packages/other.rpm for a-0:1-1.x86_64, whose file is a-1-1.x86_64.rpm"
    ])
  })

  it("changes nothing when it is done again", () => {
    const listed = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      arch: fc.constantFrom("x86_64", "noarch", "nosrc"),
      epoch: fc.constantFrom("0", "2")
    })
    const advisory = fc.record({ id: fc.constantFrom("A", "B", "C"), collections: fc.array(fc.array(listed)) })
    fc.assert(
      fc.property(fc.array(advisory), (advisories) => {
        const merged = mergeUpdateinfo([read(updatesXml(...advisories.map(advisoryXml)))]).advisories
        const once = filterUpdateinfo(merged, held).advisories
        expect(filterUpdateinfo(once, held)).toEqual({ advisories: once, warnings: [] })
        expect(read(Buffer.from(updateinfoXml(once)).toString())).toEqual(once)
      })
    )
  })
})
