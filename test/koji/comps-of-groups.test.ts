import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { compsOfGroups } from "../../src/koji/comps-of-groups.ts"
import type { GroupPackage, GroupRequirement, TagGroup } from "../../src/koji/tag-groups.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

const entry = (name: string, more: Partial<GroupPackage> = {}): GroupPackage => ({
  groupId: 1,
  tagId: 1,
  tagName: "t",
  package: name,
  blocked: false,
  type: "mandatory",
  basearchonly: null,
  requires: null,
  ...more
})

const required = (name: string, more: Partial<GroupRequirement> = {}): GroupRequirement => ({
  groupId: 1,
  tagId: 1,
  tagName: "t",
  requiredId: 2,
  name,
  blocked: false,
  type: "mandatory",
  isMetapkg: false,
  ...more
})

const group = (
  name: string,
  packages: ReadonlyArray<GroupPackage>,
  requirements: ReadonlyArray<GroupRequirement> = [],
  more: Partial<TagGroup> = {}
): TagGroup => ({
  groupId: 1,
  name,
  tagId: 1,
  tagName: "t",
  blocked: false,
  exported: true,
  displayName: name,
  isDefault: null,
  uservisible: true,
  description: null,
  langonly: null,
  biarchonly: false,
  packages,
  requirements,
  ...more
})

const comps = (groups: ReadonlyArray<TagGroup>, expand: boolean): string =>
  Buffer.from(compsOfGroups(groups, { expand })).toString()

/** The lines of a group's package list. */
const packageLines = (text: string, name: string): ReadonlyArray<string> => {
  const [, list = ""] = new RegExp(`<id>${name}</id>.*?<packagelist>\\n(.*?)    </packagelist>`, "s").exec(text) ?? []
  return list.split("\n").flatMap((line) => (line === "" ? [] : [line.trim()]))
}

describeWithShared("oracle")("the comps.xml of a tag's groups", () => {
  // what the recorded hub's dist-1 has
  const groups = [
    group("devel", [entry("libalpha-devel"), entry("kappa-static")], [required("core")]),
    group("core", [entry("libalpha"), entry("betatool")])
  ]

  it.each([
    "regen-repo",
    "regen-repo-make-task",
    "regen-repo-make-task-separate-source",
    "regen-repo-make-task-source-debuginfo"
  ])("with needed groups expanded is byte for byte Koji's: %s", (variant) => {
    expect(comps(groups, true)).toBe(
      readFileSync(sharedPath("oracle", "variants", variant, "files/groups/comps.xml"), "utf8")
    )
  })

  it("with needed groups listed is what koji show-groups printed", () => {
    const text = readFileSync(sharedPath("hub-recordings", "query-show-groups-comps", "command.txt"), "utf8")
    const [, printed = ""] = /--- stdout ---\n(.*<\/comps>\n)/s.exec(text) ?? []
    expect(comps(groups, false)).toBe(printed)
  })
})

describe("the comps.xml of groups", () => {
  it("says what Koji says of types, arches, conditions and metapackages", () => {
    const text = comps(
      [
        group(
          "a",
          [
            entry("p", { type: "conditional", basearchonly: true, requires: "q" }),
            entry("o", { type: "optional", basearchonly: false })
          ],
          [required("m", { isMetapkg: true, type: "optional" })],
          { biarchonly: true, isDefault: true, uservisible: false, description: "A group" }
        )
      ],
      false
    )
    expect(text).toContain(
      [
        "    <description>A group</description>",
        "    <default>true</default>",
        "    <uservisible>false</uservisible>",
        "    <biarchonly>true</biarchonly>",
        "    <grouplist>",
        '      <metapkg type="optional">m</metapkg>',
        "    </grouplist>",
        "    <packagelist>",
        '      <packagereq type="optional">o</packagereq>',
        '      <packagereq type="conditional" basearchonly="true" requires="q">p</packagereq>',
        "    </packagelist>"
      ].join("\n")
    )
  })

  it("expands needed groups in turn, each group and each package once, also in a circle", () => {
    const text = comps(
      [
        group("a", [entry("x")], [required("b"), required("gone")]),
        group("b", [entry("x"), entry("y")], [required("c"), required("a")]),
        group("c", [entry("z"), entry("y")], [required("b")])
      ],
      true
    )
    expect(packageLines(text, "a")).toEqual([
      '<packagereq type="mandatory">x</packagereq>',
      "<!-- Expanding Group: b -->",
      '<packagereq type="mandatory">y</packagereq>',
      "<!-- MISSING GROUP: gone -->",
      "<!-- Expanding Group: c -->",
      '<packagereq type="mandatory">z</packagereq>'
    ])
    expect(text).not.toContain("<grouplist>")
  })

  it("stays XML whatever a group is called", () => {
    const text = comps([group("a", [], [], { displayName: 'R&D <"all">', description: "x > y" })], false)
    expect(text).toContain("<name>R&amp;D &lt;&quot;all&quot;&gt;</name>\n    <description>x &gt; y</description>")
    expect(comps([group("a", [], [required("b--c---d")])], true)).toContain("<!-- MISSING GROUP: b-c-d -->")
  })

  it("of no groups is empty", () => {
    expect(comps([], false)).toMatch(/<comps>\n<\/comps>\n$/)
  })
})
