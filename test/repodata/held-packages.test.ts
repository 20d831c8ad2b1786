import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { heldPackage } from "../../src/repodata/held-packages.ts"
import { byteString, xmlAttribute, xmlText } from "../../src/repodata/xml-text.ts"

const word = fc
  .string({ minLength: 1, unit: "grapheme" })
  .filter((text) => text.isWellFormed() && !/\p{Cc}|[\ufffe\uffff\ufffd]/u.test(text))
const escaped = (as: typeof xmlText, text: string) => as(byteString(text), "", () => undefined)

describe("a package that a repository holds", () => {
  it("is told by its element of primary.xml, whatever its names are", () => {
    fc.assert(
      fc.property(word, word, word, word, (name, version, release, arch) => {
        const primary =
          `<package type="rpm">\n  <name>${escaped(xmlText, name)}</name>\n  <arch>${escaped(xmlText, arch)}</arch>\n` +
          `  <version epoch="7" ver="${escaped(xmlAttribute, version)}" rel="${escaped(xmlAttribute, release)}"/>\n` +
          '  <checksum type="sha256" pkgid="YES">00ff</checksum>\n  <summary/>\n'
        expect(heldPackage(primary, "Packages/a/b.rpm")).toEqual({
          name,
          nevra: `${name}-7:${version}-${release}.${arch}`,
          checksumType: "sha256",
          checksum: "00ff",
          fileName: "b.rpm"
        })
      })
    )
  })

  it("is none where there is no such element", () => {
    expect(heldPackage('<package type="rpm">\n  <name>a</name>', "a.rpm")).toBeUndefined()
  })
})
