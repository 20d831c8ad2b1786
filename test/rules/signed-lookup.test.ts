import { describe, expect, it } from "vitest"
import { ChosenChunk, type ChosenRpm, type TaggedRpm } from "../../rules/rpm-row.ts"
import { ChosenList, SignedLookup, UnusableContent } from "../../rules/signed-lookup.ts"
import { fileName, nvra } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { digestFor, snapshotOf, taggedRpm } from "./rows.ts"

const request = { keys: ["aaaa0001", "bbbb0002"], missingSignatures: "fail" as const, rpmArches: ["x86_64", "noarch"] }

const lookUp = async (rpms: ReadonlyArray<TaggedRpm>, asked: Partial<Parameters<typeof inputOf>[2]> = {}) => {
  const kit = engineKit()
  const { chosen, unsigned } = await kit.want(SignedLookup, inputOf(kit, rpms, { ...request, ...asked }))
  const list = kit.read(ChosenList, chosen)
  return { unsigned, list, rpms: list.flatMap(({ chunk }) => kit.read(ChosenChunk, chunk)) }
}

const inputOf = (
  kit: ReturnType<typeof engineKit>,
  rpms: ReadonlyArray<TaggedRpm>,
  asked: {
    readonly keys: ReadonlyArray<string>
    readonly missingSignatures: "fail" | "allow" | "skip"
    readonly rpmArches: ReadonlyArray<string>
  }
) => ({ snapshot: snapshotOf(kit, rpms), ...asked })

/** The error of a look-up that is meant to fail, and its words. */
const problems = async (rpms: ReadonlyArray<TaggedRpm>, asked: Partial<typeof request> = {}) => {
  const kit = engineKit()
  const { failures } = await kit.failure(SignedLookup, inputOf(kit, rpms, { ...request, ...asked }))
  expect(failures).toHaveLength(1)
  const error = failures[0]?.error
  if (!(error instanceof UnusableContent)) throw new Error(`failed otherwise: ${String(error)}`)
  return error
}

const choices = (rpms: ReadonlyArray<ChosenRpm>) => rpms.map((rpm) => `${nvra(rpm)} ${rpm.sigkey}`)

const signed = taggedRpm({ name: "signed", keys: { "": "unwritten", aaaa0001: "written", bbbb0002: "written" } })
const byB = taggedRpm({ name: "by-b", keys: { bbbb0002: "written" } })
const unsigned = taggedRpm({ name: "unsigned", keys: { "": "unwritten" } })
const byOther = taggedRpm({ name: "by-other", keys: { "": "unwritten", cccc0003: "written" } })

describe("signed lookup", () => {
  it("takes of each rpm the copy of the first wanted key that signed it", async () => {
    const { rpms } = await lookUp([signed, byB])
    expect(choices(rpms)).toEqual(["by-b-1.0-1.x86_64 bbbb0002", "signed-1.0-1.x86_64 aaaa0001"])
    expect(rpms.map(({ file }) => file)).toEqual([
      digestFor("by-b-1.0-1.x86_64 bbbb0002"),
      digestFor("signed-1.0-1.x86_64 aaaa0001")
    ])
    const other = await lookUp([signed, byB], { keys: ["bbbb0002", "aaaa0001"] })
    expect(choices(other.rpms)).toEqual(["by-b-1.0-1.x86_64 bbbb0002", "signed-1.0-1.x86_64 bbbb0002"])
  })

  it("chooses as Koji does: unknown keys are passed over", async () => {
    const asked = ["aaaa0001", "bbbb0002"]
    const some = taggedRpm({ name: "x", keys: { "": "unwritten", bbbb0002: "written" } })
    expect(choices((await lookUp([some], { keys: asked })).rpms)).toEqual(["x-1.0-1.x86_64 bbbb0002"])
    const more = taggedRpm({ name: "x", keys: { "": "unwritten", aaaa0001: "written", bbbb0002: "written" } })
    expect(choices((await lookUp([more], { keys: asked })).rpms)).toEqual(["x-1.0-1.x86_64 aaaa0001"])
    const none = taggedRpm({ name: "x", keys: { "": "unwritten" } })
    expect((await problems([none], { keys: asked })).unsigned).toEqual([{ nvra: "x-1.0-1.x86_64", available: [""] }])
  })

  it("keeps the facts of each rpm and the published order", async () => {
    const { rpms } = await lookUp([byB, signed])
    const { primary: _, signatures, ...facts } = byB
    expect(rpms[0]).toEqual({ ...facts, multilib: false, sigkey: "bbbb0002", file: signatures[0]?.copy })
    expect(rpms.map(fileName)).toEqual(rpms.map(fileName).toSorted())
  })

  it("looks at rpms of the wanted arches only", async () => {
    const elsewhere = [taggedRpm({ name: "a", arch: "s390x" }), taggedRpm({ name: "b", arch: "src" })]
    const noarch = taggedRpm({ name: "doc", arch: "noarch", keys: { aaaa0001: "written" } })
    const { rpms } = await lookUp([...elsewhere, noarch, signed])
    expect(choices(rpms)).toEqual(["doc-1.0-1.noarch aaaa0001", "signed-1.0-1.x86_64 aaaa0001"])
    const source = await problems(elsewhere, { rpmArches: ["src"] })
    expect(source.unsigned).toEqual([{ nvra: "b-1.0-1.src", available: [] }])
  })

  it("drops chunks that nothing is left of, and makes an empty list of nothing", async () => {
    expect((await lookUp([])).list).toEqual([])
    expect((await lookUp([taggedRpm({ name: "a", arch: "s390x" })])).list).toEqual([])
  })
})

describe("where a signature is missing", () => {
  it("fails, and names each such rpm with the signatures that it has", async () => {
    const error = await problems([signed, unsigned, byOther, taggedRpm({ name: "bare" })])
    expect(error.unsigned).toEqual([
      { nvra: "bare-1.0-1.x86_64", available: [] },
      { nvra: "by-other-1.0-1.x86_64", available: ["", "cccc0003"] },
      { nvra: "unsigned-1.0-1.x86_64", available: [""] }
    ])
    expect(error.message.split("\n")).toEqual([
      "3 rpms are not signed with aaaa0001 nor bbbb0002; import signatures, or use --allow-missing-signatures or --skip-missing-signatures:",
      "  bare-1.0-1.x86_64: no signatures",
      "  by-other-1.0-1.x86_64: unsigned, cccc0003",
      "  unsigned-1.0-1.x86_64: unsigned"
    ])
  })

  it("takes the primary copy if asked to, and says of which rpms", async () => {
    const result = await lookUp([signed, unsigned], { missingSignatures: "allow" })
    expect(choices(result.rpms)).toEqual(["signed-1.0-1.x86_64 aaaa0001", "unsigned-1.0-1.x86_64 null"])
    expect(result.rpms[1]?.file).toBe(unsigned.primary)
    expect(result.unsigned).toEqual([{ nvra: "unsigned-1.0-1.x86_64", available: [""] }])
  })

  it("takes all primary copies without a word where no key was asked for", async () => {
    const result = await lookUp([signed, unsigned], { keys: [], missingSignatures: "allow" })
    expect(choices(result.rpms)).toEqual(["signed-1.0-1.x86_64 null", "unsigned-1.0-1.x86_64 null"])
    expect(result.unsigned).toEqual([])
  })

  it("leaves the rpm out if asked to, and says which", async () => {
    const result = await lookUp([signed, unsigned], { missingSignatures: "skip" })
    expect(choices(result.rpms)).toEqual(["signed-1.0-1.x86_64 aaaa0001"])
    expect(result.unsigned).toEqual([{ nvra: "unsigned-1.0-1.x86_64", available: [""] }])
  })

  it("leaves everything out if nothing is signed", async () => {
    expect((await lookUp([unsigned, byOther], { missingSignatures: "skip" })).list).toEqual([])
  })

  it("takes the header of an unsigned file for no signature, even where the empty key is asked for", async () => {
    const error = await problems([unsigned], { keys: [""] })
    expect(error.unsigned).toEqual([{ nvra: "unsigned-1.0-1.x86_64", available: [""] }])
  })
})

describe("where a signed copy is not written", () => {
  const unwritten = taggedRpm({
    name: "foo-libs",
    version: "1",
    release: "2",
    build: { name: "foo" },
    keys: { aaaa0001: "unwritten", bbbb0002: "written" }
  })

  it.each(["fail", "allow", "skip"] as const)("fails and says where it should be (%s)", async (missingSignatures) => {
    const kit = engineKit()
    const failure = await kit.failure(SignedLookup, inputOf(kit, [unwritten], { ...request, missingSignatures }))
    const path = "packages/foo/1/2/data/signed/aaaa0001/x86_64/foo-libs-1-2.x86_64.rpm"
    expect(failure.failures[0]?.error).toMatchObject({
      missingFiles: [{ nvra: "foo-libs-1-2.x86_64", path }],
      unsigned: []
    })
    expect(failure.message).toContain(`1 signed copy is not written; write them with write-signed-rpm:\n  ${path}`)
  })
})

describe("where two builds have the same file name", () => {
  const twins = ["one", "two"].map((name) =>
    taggedRpm({ name: "same", build: { name }, keys: { aaaa0001: "written" } })
  )

  it("fails and names both builds", async () => {
    const error = await problems(twins)
    expect(error.sameFileNames).toEqual([{ fileName: "same-1.0-1.x86_64.rpm", builds: ["one-1.0-1", "two-1.0-1"] }])
    expect(error.message).toBe(
      "1 file name is in two builds; untag one of the builds:\n  same-1.0-1.x86_64.rpm: one-1.0-1 and two-1.0-1"
    )
  })

  it("minds only copies that would be published", async () => {
    const [first, second] = twins
    const bare = { ...second, signatures: [] } as TaggedRpm // a copy of a whole rpm
    const { rpms } = await lookUp(first === undefined ? [] : [first, bare], { missingSignatures: "skip" })
    expect(choices(rpms)).toEqual(["same-1.0-1.x86_64 aaaa0001"])
  })
})

describe("where several things are wrong", () => {
  it("tells them all at once, over all chunks", async () => {
    const many = Array.from({ length: 400 }, (_, index) => taggedRpm({ name: `package-${index}` }))
    const error = await problems([
      ...many,
      taggedRpm({ name: "unwritten", keys: { aaaa0001: "unwritten" } }),
      ...["one", "two"].map((name) => taggedRpm({ name: "same", build: { name }, keys: { aaaa0001: "written" } }))
    ])
    expect(error.unsigned).toHaveLength(400)
    expect(error.missingFiles).toHaveLength(1)
    expect(error.sameFileNames).toHaveLength(1)
    expect(error.message.split("\n").filter((line) => !line.startsWith("  "))).toHaveLength(3)
  })
})

describe("signed lookup, again", () => {
  it("looks only at chunks that changed", async () => {
    const kit = engineKit()
    const rpms = Array.from({ length: 300 }, (_, at) =>
      taggedRpm({ name: `package-${at}`, keys: { aaaa0001: "written" } })
    )
    await kit.want(SignedLookup, inputOf(kit, rpms, request))
    expect(kit.ran().length).toBeGreaterThan(3)
    await kit.want(
      SignedLookup,
      inputOf(kit, [...rpms, taggedRpm({ name: "package-99x", keys: { aaaa0001: "written" } })], request)
    )
    expect(kit.ran()).toHaveLength(2)
  })
})
