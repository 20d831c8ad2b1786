import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { fileElements, isPrimary } from "../../src/repodata/file-list.ts"
import { type Entry, int16, int32, packageHead, strings } from "../rpm/package-builder.ts"

const FILE = 0o100644
const DIR = 0o040755
const LINK = 0o120777
const GHOST = 0x40

interface File {
  readonly dir: number
  readonly base: string
  readonly mode?: number
  readonly flags?: number
}

const entries = (dirs: ReadonlyArray<string>, files: ReadonlyArray<File>): ReadonlyArray<Entry> => [
  strings(1118, ...dirs),
  int32(1116, ...files.map(({ dir }) => dir)),
  strings(1117, ...files.map(({ base }) => base)),
  int16(1030, ...files.map(({ mode = FILE }) => mode)),
  int32(1037, ...files.map(({ flags = 0 }) => flags)),
  strings(1035, ...files.map(() => ""))
]
const print = (main: ReadonlyArray<Entry>) => fileElements(packageHead({ main }), () => undefined)

describe("the files of a package", () => {
  it("are printed in the header's order, directories and ghosts marked", () => {
    const { all } = print(
      entries(
        ["/usr/", "/usr/share/"],
        [
          { dir: 1, base: "b" },
          { dir: 0, base: "share", mode: DIR },
          { dir: 1, base: "a", flags: GHOST },
          { dir: 1, base: "d", mode: DIR, flags: GHOST },
          { dir: 1, base: "l", mode: LINK },
          { dir: 0, base: "" }
        ]
      )
    )
    expect(all).toBe(
      "  <file>/usr/share/b</file>\n" +
        '  <file type="dir">/usr/share</file>\n' +
        '  <file type="ghost">/usr/share/a</file>\n' +
        '  <file type="dir">/usr/share/d</file>\n' +
        "  <file>/usr/share/l</file>\n" +
        "  <file>/usr/</file>\n"
    )
  })

  it("are none without file digests, and otherwise as many as the shortest list has", () => {
    const files = entries(
      ["/"],
      [
        { dir: 0, base: "a" },
        { dir: 0, base: "b" }
      ]
    )
    expect(print(files.filter(({ tag }) => tag !== 1035)).all).toBe("")
    expect(print([...files.filter(({ tag }) => tag !== 1030), int16(1030, FILE)]).all).toBe("  <file>/a</file>\n")
  })

  it("have no directory where the index is out of range", () => {
    expect(print(entries(["/"], [{ dir: 7, base: "a" }])).all).toBe("  <file>a</file>\n")
  })

  it("are escaped and converted as whole paths", () => {
    const { all } = print(
      entries(
        ["/<\xc3\xa4>/"],
        [
          { dir: 0, base: "&" },
          { dir: 0, base: "\xe4" }
        ]
      )
    )
    expect(Buffer.from(all, "latin1").toString()).toBe("  <file>/&lt;ä&gt;/&amp;</file>\n  <file>/&lt;Ã&gt;/ä</file>\n")
  })

  it.each([
    ["/etc/passwd", true],
    ["/opt/foobin/x", true],
    ["/usr/share/sbin/y", true],
    ["/usr/lib/sendmail", true],
    ["etc/bin/x.tar.gz", true],
    ["/usr/bin", false],
    ["/etc", false],
    ["/etcx/n", false],
    ["/usr/lib/sendmail2", false]
  ])("%s is in primary.xml: %s", (path, listed) => {
    expect(isPrimary(path)).toBe(listed)
  })

  it("are in primary.xml by their whole path, wherever it is split", () => {
    const paths = [
      "/etc/x",
      "/etc",
      "/usr/bin/x",
      "/usr/lib/sendmail",
      "/usr/lib/sendmails",
      "a/bin/b",
      "/x/etc/bin",
      "bin/"
    ]
    const split = fc
      .constantFrom(...paths)
      .chain((path) => fc.nat(path.length).map((at) => ({ path, dir: path.slice(0, at), base: path.slice(at) })))
    fc.assert(
      fc.property(fc.array(split, { minLength: 1, maxLength: 6 }), (files) => {
        const { primary, primaryPaths } = print(
          entries(
            files.map(({ dir }) => dir),
            files.map(({ base }, dir) => ({ dir, base }))
          )
        )
        const listed = files.map(({ path }) => path).filter(isPrimary)
        expect(primary).toBe(listed.map((path) => `    <file>${path}</file>\n`).join(""))
        expect(primaryPaths).toEqual(new Set(listed))
      })
    )
  })
})
