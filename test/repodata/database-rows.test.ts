import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { changelogRows, filelistRows, primaryRows } from "../../src/repodata/database-rows.ts"
import { byteString, xmlAttribute, xmlText } from "../../src/repodata/xml-text.ts"

const silent = () => undefined
const attribute = (text: string) => Buffer.from(xmlAttribute(byteString(text), "", silent), "latin1").toString()
const element = (text: string) => Buffer.from(xmlText(byteString(text), "", silent), "latin1").toString()

/** A text that XML can hold. */
const texts = fc.string({ unit: fc.constantFrom(..."a é日😀<>&\"\n\t\r;#1/='") })

const primary = `<package type="rpm">
  <name>clockwork</name>
  <arch>x86_64</arch>
  <version epoch="1" ver="3.2" rel="4"/>
  <checksum type="sha256" pkgid="YES">abc</checksum>
  <summary>A &lt;clock&gt; &amp; more</summary>
  <description>two
lines</description>
  <packager></packager>
  <url></url>
  <time file="1795521123" build="4294967295"/>
  <size package="8407" installed="60000000000" archive="992"/>
  <location xml:base="http://a/?b&amp;c" href="Packages/c/clockwork.rpm"/>
  <format>
    <rpm:license>MIT</rpm:license>
    <rpm:vendor></rpm:vendor>
    <rpm:group>Unspecified</rpm:group>
    <rpm:buildhost>builder</rpm:buildhost>
    <rpm:sourcerpm></rpm:sourcerpm>
    <rpm:header-range start="4504" end="8165"/>
    <rpm:provides>
      <rpm:entry name="clock" flags="EQ" epoch="1" ver="3.2" rel="4"/>
    </rpm:provides>
    <rpm:requires>
      <rpm:entry name="/bin/sh"/>
      <rpm:entry name="minish" flags="GE" epoch="0" ver="5" pre="1"/>
    </rpm:requires>
    <rpm:supplements/>
    <file>/etc/clockwork.conf</file>
    <file type="dir">/etc/clockwork.d</file>
    <file type="ghost">/etc/a&amp;b</file>
  </format>
</package>
`

describe("the rows of a package in primary.sqlite", () => {
  const rows = primaryRows(primary)

  it("are its columns, with NULL for what createrepo_c leaves out and texts where it has empty ones", () => {
    expect(rows.package).toEqual([
      "abc",
      "clockwork",
      "x86_64",
      "3.2",
      "1",
      "4",
      "A <clock> & more",
      "two\nlines",
      null,
      1795521123,
      -1,
      "MIT",
      "",
      "Unspecified",
      "builder",
      "",
      4504,
      8165,
      null,
      8407,
      60000000000,
      992,
      "Packages/c/clockwork.rpm",
      "http://a/?b&c",
      "sha256"
    ])
  })

  it("have NULL for an empty description, as in createrepo_c's", () => {
    expect(primaryRows("<package>\n  <description></description>\n</package>\n").package[7]).toBeNull()
  })

  it("are its dependencies, each kind in its table, and its files by type", () => {
    expect(rows.dependencies).toEqual([
      ["provides", [["clock", "EQ", "1", "3.2", "4"]]],
      [
        "requires",
        [
          ["/bin/sh", null, null, null, null, "FALSE"],
          ["minish", "GE", "0", "5", null, "TRUE"]
        ]
      ]
    ])
    expect(rows.files).toEqual([
      ["/etc/clockwork.conf", "file"],
      ["/etc/clockwork.d", "dir"],
      ["/etc/a&b", "ghost"]
    ])
  })
})

describe("the rows of a package in filelists.sqlite", () => {
  it("are its folders, each with the names and types of what is in it", () => {
    const files = ["/etc/a", "/usr/bin/b", "/etc/c d"].map((path) => `  <file>${path}</file>\n`).join("")
    expect(
      filelistRows(`<package pkgid="x" name="n" arch="a">\n${files}  <file type="dir">/etc/e</file>\n</package>\n`)
    ).toEqual({
      pkgId: "x",
      rows: [
        ["/etc", "a/c d/e", "ffd"],
        ["/usr/bin", "b", "f"]
      ]
    })
  })

  it.each([
    ["/etc/", "/etc", "/"],
    ["/a", "/", "a"],
    ["/", "/", "/"],
    ["a", ".", "a"],
    ["", ".", "/"],
    ["//a", "/", "a"]
  ])("are for %j the folder %j with %j in it", (path, folder, name) => {
    expect(filelistRows(`<package pkgid="x">\n  <file type="ghost">${path}</file>\n</package>\n`).rows).toEqual([
      [folder, name, "g"]
    ])
  })
})

describe("texts", () => {
  it("are those that were printed, whatever had to be escaped", () => {
    fc.assert(
      fc.property(texts, texts, fc.integer(), (author, text, date) => {
        const xml = `<package pkgid="${attribute(author)}" name="n">\n  <changelog author="${attribute(author)}" date="${date}">${element(text)}</changelog>\n</package>\n`
        expect(changelogRows(xml)).toEqual({ pkgId: author, rows: [[author, date, text]] })
      })
    )
  })
})
