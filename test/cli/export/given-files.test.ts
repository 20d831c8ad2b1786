import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { givenMetadata } from "../../../src/cli/export/given-files.ts"

const here = import.meta.filename
const nothing = { modules: [], updateinfo: [], productid: undefined, extraMetadata: [] }
const refusal = (args: Partial<Parameters<typeof givenMetadata>[0]>) =>
  Either.getOrThrow(Either.flip(givenMetadata({ ...nothing, ...args }))).message

describe("the options for metadata that a repository is given", () => {
  it("name files, of which a product certificate alone stays as it is", () => {
    const args = { modules: [here], updateinfo: [here], productid: here, extraMetadata: [`app-icons=${here}`] }
    expect(Either.getOrThrow(givenMetadata(args))).toEqual({
      modules: [here],
      updateinfo: [here],
      extra: [
        { type: "productid", path: here, compressed: false },
        { type: "app-icons", path: here, compressed: true }
      ]
    })
  })

  it("are refused with all that is wrong with them", () => {
    expect(refusal({ modules: ["/nowhere/a"], extraMetadata: ["b=/nowhere/b"], productid: "/nowhere/a" })).toBe(
      "could not find /nowhere/a\ncould not find /nowhere/b"
    )
  })

  it.each([
    ["primary", "primary is made from the packages"],
    ["modules_zck", "modules_zck is made from the packages"],
    ["group_gz", "give it with --comps (createrepo: --groupfile)"],
    ["updateinfo", "give it with --updateinfo"],
    ["../x", "a type is made of letters, digits, dots, dashes and underscores"],
    ['a"b', "a type is made of letters, digits, dots, dashes and underscores"]
  ])("are refused where they give %s", (type, reason) => {
    expect(refusal({ extraMetadata: [`${type}=${here}`] })).toBe(`--extra-metadata ${type}=${here}: ${reason}`)
  })

  it("are refused where a type is given twice", () => {
    expect(refusal({ extraMetadata: [`a=${here}`, `a=${here}`] })).toBe(
      "several files are given as a; a repository has one of each type"
    )
  })
})
