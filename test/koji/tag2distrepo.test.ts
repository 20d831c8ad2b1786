import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { isTrue } from "../../src/koji/repo-options.ts"
import { readTag2distrepo } from "../../src/koji/tag2distrepo.ts"

const read = (extra: Parameters<typeof readTag2distrepo>[0]["extra"], arches = "x86_64 aarch64") =>
  readTag2distrepo({ name: "f42", arches, extra })

describe("a tag's extra for tag2distrepo", () => {
  it("asks for nothing unless enabled is true", () => {
    for (const enabled of [undefined, null, false, 0, "", [], {}]) {
      const extra = enabled === undefined ? {} : { "tag2distrepo.enabled": enabled }
      expect(read({ ...extra, "tag2distrepo.keys": 7 }, "")).toEqual({ _tag: "NotWatched" })
    }
  })

  it("has the defaults of Koji's plugin: no keys, not inherited, all builds, no split", () => {
    expect(read({ "tag2distrepo.enabled": true })).toEqual({
      _tag: "Watched",
      options: { keys: [], arches: ["x86_64", "aarch64"], inherit: false, latest: false, splitDebuginfo: false },
      warnings: []
    })
  })

  it("gives keys in order, split at white space, and the other options", () => {
    const extra = {
      "tag2distrepo.enabled": true,
      "tag2distrepo.keys": " B234AEAC\teaab7777\n",
      "tag2distrepo.inherit": true,
      "tag2distrepo.latest": true,
      "tag2distrepo.split_debuginfo": true
    }
    expect(read(extra, " x86_64  i686 ")).toMatchObject({
      options: {
        keys: ["B234AEAC", "eaab7777"],
        arches: ["x86_64", "i686"],
        inherit: true,
        latest: true,
        splitDebuginfo: true
      }
    })
  })

  it('takes what is not true or false as Python does, and says so: "false" is true', () => {
    expect(read({ "tag2distrepo.enabled": "false", "tag2distrepo.latest": 0, "tag2distrepo.inherit": null })).toEqual({
      _tag: "Watched",
      options: { keys: [], arches: ["x86_64", "aarch64"], inherit: false, latest: false, splitDebuginfo: false },
      warnings: [
        'tag2distrepo.enabled is "false", which counts as true',
        "tag2distrepo.inherit is null, which counts as false",
        "tag2distrepo.latest is 0, which counts as false"
      ]
    })
  })

  it("warns of options that there are none of", () => {
    expect(read({ "tag2distrepo.enabled": true, "tag2distrepo.key": "b234aeac", "repo.auto": true })).toMatchObject({
      warnings: ["tag2distrepo.key is no option of tag2distrepo: it is ignored"]
    })
  })

  it("cannot be followed where keys are no text or there are no arches: all problems at once, with the quoting to use", () => {
    expect(read({ "tag2distrepo.enabled": true, "tag2distrepo.keys": 12345 }, " ")).toEqual({
      _tag: "Unusable",
      problems: [
        "Tag f42 has no arches configured but tag2distrepo is enabled",
        `tag2distrepo.keys of tag f42 is a number (12345) where there must be text: edit-tag f42 -x 'tag2distrepo.keys="00012345"'`
      ]
    })
    expect(read({ "tag2distrepo.enabled": true, "tag2distrepo.keys": null })).toMatchObject({ _tag: "Unusable" })
    expect(read({ "tag2distrepo.enabled": true, "tag2distrepo.keys": ["b234aeac"] })).toEqual({
      _tag: "Unusable",
      problems: [
        `tag2distrepo.keys of tag f42 is a list (["b234aeac"]) where there must be text: edit-tag f42 -x 'tag2distrepo.keys="KEY KEY"'`
      ]
    })
  })

  it("is read whatever JSON is there: what is watched has arches, and keys without white space", () => {
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)))
    const names = ["enabled", "keys", "inherit", "latest", "split_debuginfo"].map((name) => `tag2distrepo.${name}`)
    const extras = fc.dictionary(fc.constantFrom(...names), json)
    fc.assert(
      fc.property(extras, fc.string(), (extra, arches) => {
        const found = read(extra, arches)
        expect(found._tag === "NotWatched").toBe(!isTrue(extra["tag2distrepo.enabled"]))
        if (found._tag === "Unusable") expect(found.problems.length).toBeGreaterThan(0)
        if (found._tag !== "Watched") return
        expect(found.options.arches.length).toBeGreaterThan(0)
        for (const word of [...found.options.arches, ...found.options.keys]) expect(word).toMatch(/^\S+$/)
      })
    )
  })
})
