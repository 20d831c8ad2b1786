import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { inNewHub } from "../kit/hub.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { readScenario } from "../kit/oracle-scenario.ts"

const rpm = (folder: "unsigned" | "keyA" | "keyB", name: string) => sharedPath("oracle", "rpms", folder, name)
const epsilon = "epsilon-4.2-3.x86_64.rpm"
const signedEpsilon = "packages/epsilon/4.2/3/data/signed/b234aeac/x86_64/epsilon-4.2-3.x86_64.rpm"

describeWithShared("oracle")("importing signatures", () => {
  it("writes every signed copy byte for byte as the signing tool and Koji did", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        const rpms = readScenario().builds.flatMap((build) => (build.imported_already_signed ? [] : build.rpms))
        yield* hub.importRpms(rpms.map(({ imported_from }) => sharedPath("oracle", "rpms", imported_from)))
        const copies = rpms.flatMap(({ signed_copies }) => Object.values(signed_copies).map(({ file }) => file))
        const outcomes = yield* hub.importSignatures(copies.map((file) => sharedPath("oracle", "rpms", file)))
        expect(outcomes.every(({ outcome, written }) => outcome === "imported" && written)).toBe(true)
        const written = new Map(
          readdirSync(hub.topdir, { recursive: true, encoding: "utf8" })
            .filter((path) => /data\/signed\/.*\.rpm$/.test(path))
            .map((path) => [path.replace(/^.*data\/signed\/([^/]*)\/.*\/([^/]*)$/, "$1/$2"), path])
        )
        expect(written.size).toBe(copies.length)
        for (const file of copies) {
          const key = file.replace("keyA/", "b234aeac/").replace("keyB/", "eaab7777/")
          const copy = readFileSync(join(hub.topdir, written.get(key) ?? ""))
          expect(copy.equals(readFileSync(sharedPath("oracle", "rpms", file)))).toBe(true)
        }
      })
    ))

  it("says what was imported before and what is unsigned, and changes nothing for them", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([rpm("unsigned", epsilon), rpm("unsigned", "zeta-1.0-1.x86_64.rpm")])
        yield* hub.importSignatures([rpm("keyA", epsilon)])
        const before = yield* hub.lastEvent
        const outcomes = yield* hub.importSignatures([rpm("keyA", epsilon), rpm("unsigned", "zeta-1.0-1.x86_64.rpm")])
        expect(outcomes.map(({ nvra, sigkey, outcome }) => [nvra, sigkey, outcome])).toEqual([
          ["epsilon-4.2-3.x86_64", "b234aeac", "already-imported"],
          ["zeta-1.0-1.x86_64", "", "unsigned"]
        ])
        expect(yield* hub.lastEvent).toEqual(before)
      })
    ))

  it("refuses signatures of other packages and unknown rpms, all in one answer, and stores none", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([rpm("unsigned", epsilon), rpm("unsigned", "iota-1.0-1.x86_64.rpm")])
        const changed = readFileSync(rpm("keyA", epsilon))
        // the stored MD5 of header and payload: 16 bytes somewhere in the signature header
        const md5 = Buffer.from("17a0f0d0", "hex")
        const payloadhash = (yield* hub.buildRpms("epsilon-4.2-3"))[0]?.payloadhash ?? ""
        const at = changed.indexOf(Buffer.from(payloadhash, "hex"))
        md5.copy(changed, at)
        const other = join(hub.topdir, "other.rpm")
        writeFileSync(other, changed)
        const error = yield* Effect.flip(
          hub.importSignatures([other, rpm("keyA", "libalpha-1.0-1.src.rpm"), rpm("keyA", "iota-1.0-1.x86_64.rpm")])
        )
        expect(error.message).toContain(
          `other.rpm: wrong md5 for epsilon-4.2-3.x86_64: 17a0f0d0${payloadhash.slice(8)}`
        )
        expect(error.message).toContain("No such rpm in system: libalpha-1.0-1.src")
        expect(error.message).toContain("2 files cannot be")
        const [iota] = yield* hub.buildRpms("iota-1.0-1")
        expect(iota?.signatures.map(({ sigkey }) => sigkey)).toEqual([""])
      })
    ))

  it("refuses a second, different signature with the same key", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([rpm("unsigned", epsilon)])
        yield* hub.importSignatures([rpm("keyA", epsilon)])
        const changed = readFileSync(rpm("keyA", epsilon))
        // a byte of the reserved space at the end of the signature header
        const size = readFileSync(
          join(hub.topdir, "packages/epsilon/4.2/3/data/sigcache/b234aeac/x86_64", `${epsilon}.sig`)
        ).length
        changed[96 + size - 1] = 1
        const other = join(hub.topdir, "other.rpm")
        writeFileSync(other, changed)
        const error = yield* Effect.flip(hub.importSignatures([other]))
        expect(error.message).toContain("signature mismatch")
      })
    ))

  it("can keep the header only; the copy is then written by key", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([rpm("unsigned", epsilon)])
        yield* hub.importSignatures([rpm("keyA", epsilon)], { write: false })
        const signatures = Effect.map(hub.buildRpms("epsilon-4.2-3"), ([found]) => found?.signatures)
        expect(yield* signatures).toEqual([
          { sigkey: "", copy: null },
          { sigkey: "b234aeac", copy: null }
        ])
        const first = yield* hub.writeSignedRpms("B234AEAC", ["epsilon-4.2-3.x86_64"])
        expect(first).toEqual([{ nvra: "epsilon-4.2-3.x86_64", outcome: "written" }])
        expect(readFileSync(join(hub.topdir, signedEpsilon)).equals(readFileSync(rpm("keyA", epsilon)))).toBe(true)
        expect((yield* signatures)?.[1]?.copy?.size).toBe(readFileSync(rpm("keyA", epsilon)).length)
      })
    ))
})

describeWithShared("oracle")("writing signed rpms", () => {
  it("keeps a copy that is there, unless forced or lost, and none of this is a change of content", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([rpm("unsigned", epsilon)])
        yield* hub.importSignatures([rpm("keyA", epsilon)])
        const before = yield* hub.lastEvent
        const write = (force: boolean) => hub.writeSignedRpms("b234aeac", ["epsilon-4.2-3.x86_64"], { force })
        expect((yield* write(false))[0]?.outcome).toBe("already-written")
        expect((yield* write(true))[0]?.outcome).toBe("written")
        rmSync(join(hub.topdir, signedEpsilon))
        expect((yield* write(false))[0]?.outcome).toBe("written")
        expect(readFileSync(join(hub.topdir, signedEpsilon)).equals(readFileSync(rpm("keyA", epsilon)))).toBe(true)
        expect(yield* hub.lastEvent).toEqual(before)
      })
    ))

  it("fails in Koji's words for names, rpms and keys that are not there", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([rpm("unsigned", "iota-1.0-1.x86_64.rpm")])
        const message = (key: string, nvra: string) =>
          Effect.map(Effect.flip(hub.writeSignedRpms(key, [nvra])), (error) => error.message)
        expect(yield* message("b234aeac", "iota-1.0-1")).toBe("No such rpm: 'iota-1.0-1'")
        expect(yield* message("b234aeac", "none-1-1.x86_64")).toBe("No such rpm: 'none-1-1.x86_64'")
        expect(yield* message("eaab7777", "iota-1.0-1.x86_64")).toBe(
          "No cached signature for package iota-1.0-1.x86_64, key eaab7777"
        )
      })
    ))

  it("refuses to sign a primary copy that was damaged since its import", () =>
    inNewHub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([rpm("unsigned", epsilon)])
        yield* hub.importSignatures([rpm("keyA", epsilon)], { write: false })
        const primary = join(hub.topdir, "packages/epsilon/4.2/3/x86_64", epsilon)
        const bytes = readFileSync(primary)
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        writeFileSync(primary, bytes)
        const error = yield* Effect.flip(hub.writeSignedRpms("b234aeac", ["epsilon-4.2-3.x86_64"]))
        expect(error.message).toContain("the primary copy in the topdir is not what was imported")
      })
    ))
})
