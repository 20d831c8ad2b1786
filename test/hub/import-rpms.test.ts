import { createHash } from "node:crypto"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Either } from "effect"
import { expect, it } from "vitest"
import { primaryRpm } from "../../src/koji/topdir.ts"
import { inNewHub } from "../kit/hub.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"

describeWithShared("rpms")("importing the collection of real packages", () => {
  it("refuses what rpm cannot read, what fails its digests, delta rpms and unsafe names, all in one answer, and nothing else", async () => {
    const index = readIndex()
    const refused = await inNewHub((hub) =>
      Effect.map(Effect.flip(hub.importRpms(index.map(({ path }) => path))), (error) => ({
        error,
        left: readdirSync(hub.topdir).filter((name) => name !== "work" && !name.startsWith("hub.db"))
      }))
    )
    expect(refused.left).toEqual([])
    if (refused.error._tag !== "RpmsRefused") throw refused.error
    const reasons = new Map(refused.error.problems.map(({ file, reason }) => [file, reason]))
    const conflicts = [...reasons].filter(([, reason]) => reason.includes("but has the same name"))
    expect(conflicts.length).toBeGreaterThan(0)
    for (const [path] of conflicts) reasons.delete(path)
    const expected = index
      .filter(({ status, check, kind }) => status !== "readable" || check === "bad" || kind.includes("drpm"))
      .map(({ path }) => path)
    const unsafe = ["arch-path-traversal", "name-newline", "name-path-traversal", "sourcerpm-path-traversal"].map(
      (name) => sharedPath("rpms", "broken", `derived-${name}.rpm`)
    )
    expect([...reasons.keys()].sort()).toEqual([...expected, ...unsafe].sort())
    for (const path of unsafe) expect(reasons.get(path)).toMatch(/^its (name|architecture|source rpm's name) /)
  })

  it("takes all others as they are, and knows them the next time", async () => {
    const seen = new Set<string>()
    const good = readIndex().filter(({ path, nvra, status, check, kind }) => {
      if (status !== "readable" || check !== "ok" || kind.includes("drpm") || path.includes("/broken/")) return false
      return !seen.has(nvra) && seen.add(nvra)
    })
    const files = good.map(({ path }) => path)
    await inNewHub((hub) =>
      Effect.gen(function* () {
        const outcomes = yield* hub.importRpms(files)
        expect(outcomes.length).toBe(good.length)
        expect(outcomes.filter(({ outcome }) => outcome !== "imported")).toEqual([])
        const builds = new Set(outcomes.map(({ build }) => build))
        const rpms = (yield* Effect.all([...builds].map((build) => hub.buildRpms(build)))).flat()
        expect(rpms.map((rpm) => rpm.primary.sha256).sort()).toEqual(good.map(({ sha256 }) => sha256).sort())
        for (const rpm of rpms) {
          const path = Either.getOrThrow(primaryRpm({ volume: null, ...rpm.build }, rpm))
          expect(sha256(readFileSync(join(hub.topdir, path)))).toBe(rpm.primary.sha256)
        }
        const abandoned = join(hub.topdir, "work", "import-abandoned")
        mkdirSync(abandoned)
        utimesSync(abandoned, 0, 0)
        const again = yield* hub.importRpms(files)
        expect(again.filter(({ outcome }) => outcome !== "already-imported")).toEqual([])
        expect(readdirSync(join(hub.topdir, "work"))).toEqual([])
      })
    )
  })
})

describeWithShared("oracle")("importing", () => {
  const unsigned = (name: string) => sharedPath("oracle", "rpms", "unsigned", name)
  const signed = (name: string) => sharedPath("oracle", "rpms", "keyA", name)

  it("groups rpms into the build of their source rpm, the source rpm first", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        const files = [
          "epsilon-4.2-3.x86_64.rpm",
          "zeta-1.0-1.i686.rpm",
          "epsilon-data-4.2-3.noarch.rpm",
          "epsilon-4.2-3.src.rpm"
        ]
        const outcomes = yield* hub.importRpms(files.map(unsigned))
        expect(outcomes.map(({ nvra, build }) => [nvra, build])).toEqual([
          ["epsilon-4.2-3.src", "epsilon-4.2-3"],
          ["epsilon-4.2-3.x86_64", "epsilon-4.2-3"],
          ["epsilon-data-4.2-3.noarch", "epsilon-4.2-3"],
          ["zeta-1.0-1.i686", "zeta-1.0-1"]
        ])
        expect((yield* hub.build("epsilon-4.2-3")).epoch).toBe(2)
      })
    ))

  it("adds rpms to a build that is there, and takes an rpm given twice once", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([unsigned("zeta-1.0-1.i686.rpm")])
        const src = unsigned("zeta-1.0-1.src.rpm")
        const outcomes = yield* hub.importRpms([src, src])
        expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["already-imported", "imported"])
        const rpms = yield* hub.buildRpms("zeta-1.0-1")
        expect(rpms.map(({ arch }) => arch)).toEqual(["i686", "src"])
      })
    ))

  it("keeps the signature header of every rpm, that of an unsigned one too, in Koji's places", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([unsigned("zeta-1.0-1.i686.rpm"), signed("betatool-2.1-1.i686.rpm")])
        const cached = (path: string) => readFileSync(join(hub.topdir, "packages", path))
        const zeta = cached("zeta/1.0/1/data/sigcache/i686/zeta-1.0-1.i686.rpm.sig")
        const betatool = cached("betatool/2.1/1/data/sigcache/b234aeac/i686/betatool-2.1-1.i686.rpm.sig")
        expect(zeta.equals(readFileSync(unsigned("zeta-1.0-1.i686.rpm")).subarray(96, 96 + zeta.length))).toBe(true)
        expect(
          betatool.equals(readFileSync(signed("betatool-2.1-1.i686.rpm")).subarray(96, 96 + betatool.length))
        ).toBe(true)
        const [rpm] = yield* hub.buildRpms("betatool-2.1-1")
        expect(rpm?.signatures).toEqual([{ sigkey: "b234aeac", copy: null }])
      })
    ))

  it("refuses a damaged copy of a package that it has", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        const folder = mkdtempSync(join(hub.topdir, "other-"))
        const other = join(folder, "other.rpm")
        const bytes = readFileSync(unsigned("zeta-1.0-1.i686.rpm"))
        yield* hub.importRpms([unsigned("zeta-1.0-1.i686.rpm")])
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        writeFileSync(other, bytes)
        const damaged = yield* Effect.flip(hub.importRpms([other]))
        expect(damaged.message).toContain("damaged or cut off")
        expect((yield* hub.buildRpms("zeta-1.0-1")).length).toBe(1)
      })
    ))

  it("imports over files that an interrupted import left without rows", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        const place = join(hub.topdir, "packages/zeta/1.0/1/i686/zeta-1.0-1.i686.rpm")
        cpSync(unsigned("zeta-1.0-1.x86_64.rpm"), place)
        const [outcome] = yield* hub.importRpms([unsigned("zeta-1.0-1.i686.rpm")])
        expect(outcome?.outcome).toBe("imported")
        expect(readFileSync(place).equals(readFileSync(unsigned("zeta-1.0-1.i686.rpm")))).toBe(true)
      })
    ))

  it("names files that are not there or no files, and says so in words", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        const inside = join(unsigned("zeta-1.0-1.i686.rpm"), "a.rpm")
        const error = yield* Effect.flip(hub.importRpms(["/nowhere/a.rpm", hub.topdir, "/dev/null", inside]))
        expect(error.message.split("\n")).toEqual([
          "Nothing was imported, because 4 files cannot be:",
          "  /nowhere/a.rpm: no such file",
          `  ${hub.topdir}: it is a directory; for what is in it, give ${hub.topdir}/*.rpm`,
          "  /dev/null: it is not a regular file",
          `  ${inside}: not a directory`
        ])
      })
    ))
})

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const readIndex = () => {
  const [head = "", ...lines] = readFileSync(sharedPath("rpms", "INDEX.tsv"), "utf8").trimEnd().split("\n")
  const columns = head.split("\t")
  return lines.map((line) => {
    const fields = line.split("\t")
    const field = (name: string) => fields[columns.indexOf(name)] ?? ""
    return {
      path: sharedPath("rpms", field("file")),
      nvra: ["name", "version", "release", "arch", "kind"].map(field).join(" "),
      sha256: field("sha256"),
      status: field("status"),
      check: field("check"),
      kind: field("kind")
    }
  })
}
