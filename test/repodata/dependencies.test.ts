import { describe, expect, it } from "vitest"
import { dependencyElements } from "../../src/repodata/dependencies.ts"
import { type Entry, int32, packageHead, strings } from "../rpm/package-builder.ts"

/** Flags of dependencies. */
const LT = 2
const GT = 4
const EQ = 8
const LE = LT | EQ
const GE = GT | EQ
const MISSINGOK = 1 << 19
const STRONG = 1 << 27

type Dependency = readonly [name: string, flags?: number, version?: string]

const TAGS = {
  provides: [1047, 1112, 1113],
  requires: [1049, 1048, 1050],
  conflicts: [1054, 1053, 1055],
  obsoletes: [1090, 1114, 1115],
  suggests: [5049, 5051, 5050],
  enhances: [5055, 5057, 5056],
  recommends: [5046, 5048, 5047],
  supplements: [5052, 5054, 5053],
  oldSuggests: [1156, 1158, 1157],
  oldEnhances: [1159, 1161, 1160]
} as const

const list = (kind: keyof typeof TAGS, ...dependencies: ReadonlyArray<Dependency>): ReadonlyArray<Entry> => {
  const [names, flags, versions] = TAGS[kind]
  return [
    strings(names, ...dependencies.map(([name]) => name)),
    int32(flags, ...dependencies.map(([, value = 0]) => value)),
    strings(versions, ...dependencies.map(([, , version = ""]) => version))
  ]
}

const print = (entries: ReadonlyArray<Entry>, ownPrimaryFiles: ReadonlyArray<string> = []) =>
  dependencyElements(
    packageHead({ main: entries }),
    (path) => ownPrimaryFiles.includes(path),
    () => undefined
  )

/** The entries of `rpm:requires`, without what all of them have. */
const requires = (...dependencies: ReadonlyArray<Dependency>) => requiresIn(list("requires", ...dependencies))
const requiresIn = (entries: ReadonlyArray<Entry>, ownPrimaryFiles: ReadonlyArray<string> = []) => {
  const [, block = ""] = /<rpm:requires>\n(.*) {4}<\/rpm:requires>/s.exec(print(entries, ownPrimaryFiles)) ?? []
  return block.split("\n").flatMap((line) => /<rpm:entry name="(.*)\/>/.exec(line)?.[1]?.replace('"', "") ?? [])
}

describe("dependencies in primary.xml", () => {
  it("are printed in a fixed order of kinds, each kind in the header's order", () => {
    const all = (Object.keys(TAGS) as ReadonlyArray<keyof typeof TAGS>) // the keys of a constant
      .filter((kind) => !kind.startsWith("old"))
      .flatMap((kind) => list(kind, [`${kind}-b`], [`${kind}-a`]))
    expect(print(all).match(/name="[^"]*"/g)).toEqual(
      ["provides", "requires", "conflicts", "obsoletes", "suggests", "enhances", "recommends", "supplements"].flatMap(
        (kind) => [`name="${kind}-b"`, `name="${kind}-a"`]
      )
    )
  })

  it("are printed as createrepo_c prints them", () => {
    expect(print(list("provides", ["hello", EQ, "1:2.0-3"], ["lib(x)"]))).toBe(
      "    <rpm:provides>\n" +
        '      <rpm:entry name="hello" flags="EQ" epoch="1" ver="2.0" rel="3"/>\n' +
        '      <rpm:entry name="lib(x)"/>\n' +
        "    </rpm:provides>\n"
    )
  })

  it("are not there if there are none, and an empty element if none has a name", () => {
    expect(print([])).toBe("")
    expect(print(list("conflicts", [""], [""]))).toBe("    <rpm:conflicts/>\n")
  })

  it("are read only where names, flags and versions are there, and to the shortest of them", () => {
    expect(print([strings(1054, "a"), int32(1053, 0)])).toBe("")
    expect(print([strings(1054, "a", "b"), int32(1053, 0), strings(1055, "", "")])).not.toContain('"b"')
  })

  it.each([
    [LT, "LT"],
    [GT, "GT"],
    [EQ, "EQ"],
    [LE, "LE"],
    [GE, "GE"]
  ])("compare by flags %d as %s", (flags, word) => {
    expect(requires(["a", flags, "1"])).toEqual([`a flags="${word}" epoch="0" ver="1"`])
    expect(requires(["a", flags])).toEqual([`a flags="${word}"`])
  })

  it("have no version where flags do not compare", () => {
    expect(requires(["a", 0, "1"], ["b", LT | GT, "1"])).toEqual(["a", "b"])
  })

  it.each([
    ["1:2-3-4", 'epoch="1" ver="2" rel="3-4"'],
    ["1:", 'epoch="1"'],
    ["1-", 'epoch="0" ver="1"'],
    [":1", 'epoch="0" ver="1"'],
    ["1:2:3", 'epoch="1" ver="2:3"'],
    ["+1:2", 'epoch="+1" ver="2"'],
    [" 1:2", 'epoch=" 1" ver="2"'],
    ["01:2", 'epoch="01" ver="2"'],
    ["-1:2", 'epoch="-1" ver="2"']
  ])("split the version %j as createrepo_c does", (version, attributes) => {
    expect(requires(["a", EQ, version])).toEqual([`a flags="EQ" ${attributes}`])
  })

  it("are dropped when their epoch is no number", () => {
    expect(requires(["a", EQ, "a:1"], ["b", EQ, "0x1:2"], ["c", 0, "x:1"], ["d", EQ, "1"])).toEqual([
      'd flags="EQ" epoch="0" ver="1"'
    ])
  })

  it("may be rich, which are names", () => {
    expect(requires(["(a if b)"], ["(c >= 1 or d)"])).toEqual(["(a if b)", "(c &gt;= 1 or d)"])
  })
})

describe("what a package requires", () => {
  it("does not show features of rpm", () => {
    expect(requires(["rpmlib(PayloadIsZstd)", LE, "5.4.18-1"], ["a"])).toEqual(["a"])
  })

  it("does not show own files, if primary.xml lists them", () => {
    expect(requiresIn(list("requires", ["/usr/bin/a"], ["/usr/share/a"]), ["/usr/bin/a"])).toEqual(["/usr/share/a"])
  })

  it("does not show what the package provides in the very same words", () => {
    const own = [
      ...list("provides", ["a", EQ, "1-1"], ["b"]),
      ...list("requires", ["a", EQ, "1-1"], ["a", EQ, "1"], ["b"])
    ]
    expect(requiresIn(own)).toEqual(['a flags="EQ" epoch="0" ver="1"'])
  })

  it("marks what must be there before scriptlets of the same transaction run", () => {
    const pre = [0x40, 0x200, 0x400, 0x20, 0x80]
    const not = [0x100, 0x800, 0x1000, 0x2000]
    for (const flag of pre) expect(requires(["a", flag])).toEqual(['a pre="1"'])
    for (const flag of not) expect(requires(["a", flag])).toEqual(["a"])
  })

  it("drops a repetition of the last entry of that name only", () => {
    expect(requires(["x", GE, "1"], ["y"], ["x", GE, "1"])).toHaveLength(2)
    expect(requires(["x", GE, "1"], ["x", LE, "2"], ["x", GE, "1"])).toHaveLength(3)
    expect(requires(["x"], ["x", 0x200], ["x", 0x200])).toEqual(["x", 'x pre="1"'])
  })

  it("keeps only the newest symbol version of libc, behind all others", () => {
    expect(
      requires(
        ["libc.so.6()(64bit)"],
        ["libc.so.6(GLIBC_2.34)(64bit)", 0x200],
        ["libc.so.6(GLIBC_2.4)(64bit)"],
        ["a"],
        ["libm.so.6()(64bit)"]
      )
    ).toEqual(["a", "libm.so.6()(64bit)", 'libc.so.6(GLIBC_2.34)(64bit) pre="1"'])
    expect(requires(["libc.so.6"], ["libc.so.60()"])).toEqual(["libc.so.60()"])
    expect(requires(["libc.so.6(A)"], ["libc.so.6(B)"])).toEqual(["libc.so.6(A)"])
  })

  it("moves what may be missing to the recommendations, before the real ones", () => {
    const printed = print([...list("requires", ["a", MISSINGOK]), ...list("recommends", ["b"])])
    expect(printed).not.toContain("rpm:requires")
    expect(printed).toMatch(/<rpm:recommends>\s*<rpm:entry name="a"\/>\s*<rpm:entry name="b"\/>/)
  })
})

describe("old weak dependencies", () => {
  it("go to the kinds that replaced them, by strength, behind the new ones", () => {
    const printed = print([
      ...list("oldSuggests", ["weak"], ["strong", STRONG]),
      ...list("oldEnhances", ["weak-e"], ["strong-e", STRONG]),
      ...list("suggests", ["new"])
    ])
    expect(printed).toMatch(/<rpm:suggests>\s*<rpm:entry name="new"\/>\s*<rpm:entry name="weak"\/>\s*<\/rpm:suggests>/)
    expect(printed).toMatch(/<rpm:recommends>\s*<rpm:entry name="strong"\/>\s*<\/rpm:recommends>/)
    expect(printed).toMatch(/<rpm:enhances>\s*<rpm:entry name="weak-e"\/>\s*<\/rpm:enhances>/)
    expect(printed).toMatch(/<rpm:supplements>\s*<rpm:entry name="strong-e"\/>\s*<\/rpm:supplements>/)
  })
})
