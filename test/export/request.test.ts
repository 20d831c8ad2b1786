import { readFileSync } from "node:fs"
import { Either, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { requestedArches, taskOptions } from "../../src/export/request.ts"
import { rigRequest } from "../kit/export-rig.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

const tagArches = ["x86_64", "i686", "aarch64"]

/** What a request for these arches comes to. */
const asked = (arches: ReadonlyArray<string>, { of = tagArches, withSrc = false, multilib = false } = {}) =>
  requestedArches({ tag: "dist-1", arches, withSrc, multilib: multilib ? "multilib.conf" : null }, of)

const accepted = (...request: Parameters<typeof asked>) => {
  const result = Either.getOrThrow(asked(...request))
  return { ...result, repositories: result.repositories.map(({ arch }) => arch) }
}

const refused = (...request: Parameters<typeof asked>): string =>
  Either.match(asked(...request), { onLeft: ({ message }) => message, onRight: () => "accepted" })

describe("the arches of a request", () => {
  it("have those of the 32-bit counterparts among them, under whatever name", () => {
    const message = (arch: string) => `The multilib arch (${arch}) must be included`
    expect(refused(["x86_64"], { multilib: true })).toBe(message("i686"))
    expect(refused(["aarch64", "s390x"], { multilib: true })).toBe(message("s390"))
    for (const arch of ["i686", "i386", "i586"]) {
      expect(accepted(["x86_64", arch], { multilib: true }).repositories).toEqual(["i386", "x86_64"])
    }
    expect(accepted(["aarch64"], { multilib: true }).repositories).toEqual(["aarch64"])
  })

  it("are the tag's where none is asked for, each canonical arch a repository", () => {
    expect(accepted([])).toEqual({
      named: ["x86_64", "i686", "aarch64"],
      repositories: ["aarch64", "i386", "x86_64"],
      warnings: []
    })
  })

  it("are those asked for", () => {
    expect(accepted(["x86_64"])).toEqual({ named: ["x86_64"], repositories: ["x86_64"], warnings: [] })
  })

  it("are none where neither the request nor the tag has any: Koji's error", () => {
    expect(refused([], { of: [] })).toBe("No arches given and no arches associated with tag")
  })

  it("may be others than the tag's, with Koji's warning for each", () => {
    expect(accepted(["ppc64le", "x86_64", "s390x"])).toEqual({
      named: ["ppc64le", "x86_64", "s390x"],
      repositories: ["ppc64le", "s390x", "x86_64"],
      warnings: ["ppc64le is not in the list of tag arches", "s390x is not in the list of tag arches"]
    })
  })

  it("may be asked for where the tag has none, with Koji's warning, once", () => {
    expect(accepted(["x86_64", "s390x"], { of: [] }).warnings).toEqual(["Tag dist-1 has an empty arch list"])
  })

  it("are compared whole: ppc64 is not one of a tag that has ppc64le, where Koji looks for a substring", () => {
    expect(accepted(["ppc64"], { of: ["ppc64le"] }).warnings).toEqual(["ppc64 is not in the list of tag arches"])
  })

  it("are compared as they are named: i386 is not in a tag that has i686", () => {
    expect(accepted(["i386"]).warnings).toEqual(["i386 is not in the list of tag arches"])
  })

  it("leave noarch out: it is part of every other", () => {
    expect(accepted(["noarch", "x86_64"], { of: ["x86_64", "noarch"] })).toEqual({
      named: ["x86_64"],
      repositories: ["x86_64"],
      warnings: []
    })
    expect(accepted([], { of: ["noarch", "x86_64"] }).named).toEqual(["x86_64"])
  })

  it("must not be noarch alone: Koji's error", () => {
    expect(refused(["noarch"])).toBe("No arches left.")
    expect(refused([], { of: ["noarch"] })).toBe("No arches left.")
  })

  it("have src where it is asked for, once", () => {
    expect(accepted([], { withSrc: true })).toMatchObject({
      named: ["x86_64", "i686", "aarch64", "src"],
      repositories: ["aarch64", "i386", "src", "x86_64"],
      warnings: []
    })
    expect(accepted(["src", "x86_64"], { withSrc: true }).named).toEqual(["src", "x86_64"])
    expect(accepted(["noarch"], { withSrc: true }).repositories).toEqual(["src"])
  })

  it("may be src alone, which then is not one of the tag's", () => {
    expect(accepted(["src"])).toEqual({
      named: ["src"],
      repositories: ["src"],
      warnings: ["src is not in the list of tag arches"]
    })
  })

  it("are one repository where several names have one canonical arch", () => {
    const { named, repositories } = accepted(["i686", "i586", "athlon"])
    expect([named, repositories]).toEqual([["i686", "i586", "athlon"], ["i386"]])
  })

  it("say which rpm arches belong in each repository", () => {
    const result = Either.getOrThrow(asked(["armv7hl", "ia32e", "src"]))
    expect(result.repositories).toEqual([
      { arch: "armhfp", rpmArches: ["armv7hl", "armv7hnl", "noarch"] },
      { arch: "src", rpmArches: ["src"] },
      { arch: "x86_64", rpmArches: ["amd64", "ia32e", "x86_64", "noarch"] }
    ])
  })

  it("must be known: an error that names those which are not, all at once", () => {
    expect(refused(["x86_64", "nonesuch", "amiga"])).toBe(
      "Unknown arch: amiga, nonesuch (Koji knows no rpm arches that belong in it)"
    )
  })
})

const Recorded = Schema.Struct({
  keys: Schema.Array(Schema.String),
  task_opts: Schema.Struct(
    { arch: Schema.Array(Schema.String) },
    Schema.Record({ key: Schema.String, value: Schema.Unknown })
  )
})

describeWithShared("oracle")("the options that repo.json records", () => {
  const cases: ReadonlyArray<readonly [string, Partial<typeof rigRequest>]> = [
    ["basic-one-key", {}],
    ["with-src", { withSrc: true }],
    ["arch-armv7hl", { arches: ["armv7hl"] }],
    ["arch-two-subarches", { arches: ["i686", "i586"] }],
    ["arch-not-in-tag", { arches: ["ppc64le"] }],
    ["arch-src", { arches: ["src"] }],
    ["event", { event: 87 }],
    ["noinherit", { inherit: false, missingSignatures: "skip" }],
    ["non-latest", { latest: false }],
    ["allow-missing-signatures", { missingSignatures: "allow" }],
    ["skip-missing-signatures", { missingSignatures: "skip" }],
    ["zck", { zchunk: { dictionaries: null } }],
    ["zck-dict-dir-missing", { zchunk: { dictionaries: "/usr/share/nonexistent" }, arches: ["x86_64"] }]
  ]

  it.each(cases)("are those of a real Koji, in its order: %s", (variant, over) => {
    const text = readFileSync(sharedPath("oracle", "variants", variant, "repo.json"), "utf8")
    const recorded = Schema.decodeUnknownSync(Schema.parseJson(Recorded))(text)
    const request = { ...rigRequest, ...over }
    const arches = Either.getOrThrow(requestedArches(request, tagArches))
    expect(JSON.stringify(taskOptions(request, arches))).toBe(JSON.stringify(recorded.task_opts))
  })
})
