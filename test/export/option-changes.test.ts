import { describe, expect, it } from "vitest"
import { optionChanges } from "../../src/export/option-changes.ts"
import { digestFor } from "../rules/rows.ts"

const options = (over: object = {}): string =>
  JSON.stringify({
    missingSignatures: "fail",
    compression: "gz",
    openChecksum: true,
    layout: "hardlink",
    changelogLimit: 10,
    topdir: "/mnt/koji",
    recorded: { keys: ["aaaa0001"], taskOptions: { arch: ["x86_64"], event: null, inherit: true, latest: false } },
    ...over
  })

const changed = (before: object, after: object) =>
  optionChanges(options(before), options(after)).map(({ after, before, field }) => [field, before, after])

const comps = (words: string) => {
  const content = digestFor(words)
  return { groups: content, additional: [{ type: "group", name: "comps.xml", content, compression: null }] }
}

describe("what a request asks for otherwise than the one before", () => {
  it("is nothing where the options are the same", () => expect(changed({}, {})).toEqual([]))

  it("is an option with another value, by the name of the command's", () => {
    expect(changed({}, { compression: "zstd" })).toEqual([["compression", '"gz"', '"zstd"']])
  })

  it("is an option that came, or is not asked for any more", () => {
    expect(changed({}, { splitDebuginfo: true })).toEqual([["splitDebuginfo", undefined, "true"]])
    expect(changed({ database: true }, {})).toEqual([["database", "true", undefined]])
  })

  it("tells comps once, although they are a file of each repository too", () => {
    expect(changed(comps("one"), comps("other"))).toEqual([
      ["comps", `"${digestFor("one")}"`, `"${digestFor("other")}"`]
    ])
    expect(changed({}, comps("one")).map(([field]) => field)).toEqual(["comps"])
  })

  it("names other files that are given", () => {
    const additional = [{ type: "productid", name: "productid", content: digestFor("id"), compression: null }]
    expect(changed({}, { additional }).map(([field]) => field)).toEqual(["additional"])
  })
})
