import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { decodeFragments, encodeFragments, packageFragments } from "../../src/repodata/package-fragments.ts"
import { fillPrimary, printedSourceRpm } from "../../src/repodata/primary.ts"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { describeWithShared } from "../kit/oracle.ts"
import { type Entry, good, i18n, int16, int32, int64, packageHead, string, strings } from "../rpm/package-builder.ts"
import { realPackages } from "../rpm/real-packages.ts"

const FILE = { checksumType: "sha256", checksum: "c0ffee", size: 1234 } as const

const fragments = (main: ReadonlyArray<Entry>) => packageFragments(packageHead({ main }), FILE, { changelogLimit: 10 })
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8")
const primary = (main: ReadonlyArray<Entry>) =>
  text(Buffer.concat(fillPrimary(fragments(main).primary, { timeFile: 1700000000, href: "Packages/h/hello.rpm" })))

describe("a package in the metadata", () => {
  const full = [
    int32(1003, 2),
    strings(100, "C"),
    i18n(1004, "Says <hello>"),
    i18n(1005, "Two\nlines"),
    int32(1006, 1600000000),
    string(1007, "builder"),
    int64(5009, 5000000000n),
    string(1011, "Vendor & Co"),
    string(1014, "MIT"),
    string(1015, "Packager"),
    i18n(1016, "Unspecified"),
    string(1020, "https://example.org/"),
    int32(1046, 999),
    strings(1047, "hello"),
    int32(1112, 8),
    strings(1113, "2:1.0-1"),
    strings(1118, "/usr/bin/"),
    int32(1116, 0),
    strings(1117, "hello"),
    int16(1030, 0o100755),
    int32(1037, 0),
    strings(1035, ""),
    int32(1080, 1500000000),
    strings(1081, "Author"),
    strings(1082, "- text")
  ]

  it("is one element of primary.xml, laid out as createrepo_c lays it out", () => {
    const { headerStart, headerEnd } = packageHead({ main: full })
    expect(primary(full)).toBe(`<package type="rpm">
  <name>hello</name>
  <arch>noarch</arch>
  <version epoch="2" ver="1.0" rel="1"/>
  <checksum type="sha256" pkgid="YES">c0ffee</checksum>
  <summary>Says &lt;hello&gt;</summary>
  <description>Two
lines</description>
  <packager>Packager</packager>
  <url>https://example.org/</url>
  <time file="1700000000" build="1600000000"/>
  <size package="1234" installed="5000000000" archive="999"/>
  <location href="Packages/h/hello.rpm"/>
  <format>
    <rpm:license>MIT</rpm:license>
    <rpm:vendor>Vendor &amp; Co</rpm:vendor>
    <rpm:group>Unspecified</rpm:group>
    <rpm:buildhost>builder</rpm:buildhost>
    <rpm:sourcerpm>hello-1.0-1.src.rpm</rpm:sourcerpm>
    <rpm:header-range start="${headerStart}" end="${headerEnd}"/>
    <rpm:provides>
      <rpm:entry name="hello" flags="EQ" epoch="2" ver="1.0" rel="1"/>
    </rpm:provides>
    <file>/usr/bin/hello</file>
  </format>
</package>
`)
  })

  it("is one element of filelists.xml and of other.xml", () => {
    const { filelists, other, warnings } = fragments(full)
    expect(text(filelists)).toBe(`<package pkgid="c0ffee" name="hello" arch="noarch">
  <version epoch="2" ver="1.0" rel="1"/>
  <file>/usr/bin/hello</file>
</package>
`)
    expect(text(other)).toBe(`<package pkgid="c0ffee" name="hello" arch="noarch">
  <version epoch="2" ver="1.0" rel="1"/>
  <changelog author="Author" date="1500000000">- text</changelog>
</package>
`)
    expect(warnings).toEqual([])
  })

  it("has empty elements for what its header does not say", () => {
    expect(primary([])).toContain("  <summary></summary>\n")
    expect(primary([])).toContain("    <rpm:vendor></rpm:vendor>\n")
    expect(primary([])).toContain('  <version epoch="0" ver="1.0" rel="1"/>\n')
    expect(primary([])).toContain(' build="0"/>\n  <size package="1234" installed="0" archive="0"/>\n')
    expect(text(fragments([]).filelists)).toBe(
      '<package pkgid="c0ffee" name="hello" arch="noarch">\n  <version epoch="0" ver="1.0" rel="1"/>\n</package>\n'
    )
  })

  it("is of architecture src for every source package, nosrc ones too", () => {
    expect(primary([int32(1106, 1), int32(1051, 0)])).toContain("<arch>src</arch>")
    expect(text(fragments([int32(1106, 1)]).other)).toContain(' arch="src"')
  })

  it("tells its source as it is printed, whatever its other texts say; a source package has none", () => {
    const misleading = [string(1014, "<rpm:sourcerpm>no<"), string(1044, "a&b-1-1.src.rpm")]
    expect(printedSourceRpm(fragments(misleading).primary)).toBe("a&amp;b-1-1.src.rpm")
    expect(printedSourceRpm(fragments([int32(1106, 1), string(1044, "")]).primary)).toBe("")
  })

  it("keeps a package with forbidden characters, and warns once a field", () => {
    const { warnings, primary: pieces } = fragments([
      string(1014, "M\x01I\x02T"),
      strings(1047, "a\x01", "b\x01"),
      int32(1112, 0, 0),
      strings(1113, "", "")
    ])
    expect(warnings).toEqual([
      { field: "license", problem: "control character" },
      { field: "provides", problem: "control character" }
    ])
    expect(text(pieces[2])).toContain("<rpm:license>M\ufffdI\ufffdT</rpm:license>")
  })

  it("is the same wherever it lies but for time and location", () => {
    const place = (options: { readonly href: string; readonly base?: string }) =>
      /<location .*\/>/.exec(text(Buffer.concat(fillPrimary(fragments([]).primary, { timeFile: 1, ...options }))))?.[0]
    expect(place({ href: "a&b/ü~^%20.rpm" })).toBe('<location href="a&amp;b/ü~^%20.rpm"/>')
    expect(place({ href: "x.rpm", base: "http://x/" })).toBe('<location xml:base="http://x/" href="x.rpm"/>')
    expect(place({ href: "x.rpm", base: "/srv/x" })).toBe('<location xml:base="file:///srv/x" href="x.rpm"/>')
    expect(place({ href: "x.rpm", base: "" })).toBe('<location href="x.rpm"/>')
  })
})

describe("fragments as one blob", () => {
  const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array))
  const anyFragments = fc.record({
    primary: fc.tuple(bytes, bytes, bytes),
    filelists: bytes,
    other: bytes,
    warnings: fc.array(
      fc.record({
        field: fc.constantFrom("summary", "changelog author"),
        problem: fc.constantFrom("control character" as const, "not an XML character" as const)
      }),
      { maxLength: 3 }
    )
  })

  it("come back as they went in", () => {
    fc.assert(
      fc.property(anyFragments, (value) => {
        const blob = encodeFragments(value)
        expect(good(decodeFragments(blob))).toEqual({ blob, ...value })
      })
    )
  })

  it("are refused when they are cut off or something else", () => {
    fc.assert(
      fc.property(anyFragments, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value, part) => {
        const blob = encodeFragments(value)
        expect(Either.isLeft(decodeFragments(blob.subarray(0, Math.floor(blob.length * part))))).toBe(true)
        expect(Either.isLeft(decodeFragments(Buffer.concat([blob, Buffer.alloc(1)])))).toBe(true)
      })
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (junk) => Either.isLeft(decodeFragments(junk))))
  })
})

describeWithShared("rpms", "INDEX.tsv")("the fragments of real packages", () => {
  it("are UTF-8, and made of whatever bytes a readable head holds", () => {
    const utf8 = new TextDecoder("utf-8", { fatal: true })
    for (const { bytes } of realPackages()) {
      const head = readPackageHead(bytes())
      if (Either.isLeft(head)) continue
      const { primary: pieces, filelists, other } = packageFragments(head.right, FILE, { changelogLimit: -1 })
      for (const part of [...pieces, filelists, other]) utf8.decode(part)
    }
  })

  it("are printed for every head that still reads after bytes in it changed", () => {
    const heads = realPackages()
      .filter(({ column }) => Number(column("size")) < 20_000 && column("status") === "readable")
      .map(({ bytes }) => bytes().subarray(0, 20_000))
    const change = fc.tuple(fc.nat(9_999), fc.nat(255))
    fc.assert(
      fc.property(fc.nat(heads.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }), (which, changes) => {
        const bytes = Buffer.from(heads[which] ?? [])
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        const head = readPackageHead(bytes)
        if (Either.isRight(head)) packageFragments(head.right, FILE, { changelogLimit: 10 })
      }),
      { numRuns: 1000 }
    )
  })
})
