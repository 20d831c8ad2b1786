import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Either } from "effect"
import { describe, expect, it } from "vitest"
import { primaryRpm } from "../../src/koji/topdir.ts"
import { inNewHub } from "../kit/hub.ts"
import { type Entry, int32, packageBytes, packageHead, string, strings } from "../rpm/package-builder.ts"

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** A signature packet of version 4 whose issuer's key id ends in deadbeef (RFC 4880, 5.2.3). */
const PACKET = Buffer.from([0x88, 20, 4, 0, 1, 8, 0, 0, 0, 10, 9, 16, 1, 2, 3, 4, 0xde, 0xad, 0xbe, 0xef, 0x12, 0x34])
const signed = strings(278, PACKET.toString("base64"))

/** A package as rpm 6 makes them: no MD5; its header's SHA-256 and its payload's cover all of it. */
const v6 = (payload: string, ...signature: ReadonlyArray<Entry>): Buffer => {
  const parts = {
    payload: Buffer.from(payload),
    main: [strings(5092, sha256(Buffer.from(payload))), int32(5093, 8)]
  }
  return packageBytes({ ...parts, signature: [string(273, headerSha256(parts)), ...signature] })
}

const headerSha256 = (parts: Parameters<typeof packageBytes>[0]): string => {
  const { headerEnd, headerStart } = packageHead(parts)
  return sha256(packageBytes(parts).subarray(headerStart, headerEnd))
}

describe("packages without MD5, as rpm 6 makes them", () => {
  const inHub = (
    test: (
      hub: Parameters<Parameters<typeof inNewHub>[0]>[0],
      give: (bytes: Buffer) => string
    ) => Effect.Effect<void, unknown>
  ) =>
    inNewHub((hub) => {
      let files = 0
      return test(hub, (bytes) => {
        const file = join(hub.topdir, `given-${files++}.rpm`)
        writeFileSync(file, bytes)
        return file
      })
    })

  it("are the same where the whole file is the same", () =>
    inHub((hub, give) =>
      Effect.gen(function* () {
        const outcomes = yield* hub.importRpms([give(v6("one")), give(v6("one"))])
        const again = yield* hub.importRpms([give(v6("one"))])
        expect([...outcomes, ...again].map(({ outcome }) => outcome).sort()).toEqual([
          "already-imported",
          "already-imported",
          "imported"
        ])
      })
    ))

  it("are refused where another one has the name already", () =>
    inHub((hub, give) =>
      Effect.gen(function* () {
        yield* hub.importRpms([give(v6("one"))])
        const { message } = yield* Effect.flip(hub.importRpms([give(v6("two"))]))
        expect(message).toContain("A different rpm with the same name has already been imported: hello-1.0-1.noarch")
        expect(message).toContain(`its sha256 is ${sha256(v6("one"))}, that of this file ${sha256(v6("two"))}`)
      })
    ))

  it("are refused where two are given at once", () =>
    inHub((hub, give) =>
      Effect.gen(function* () {
        const first = give(v6("one"))
        const { message } = yield* Effect.flip(hub.importRpms([first, give(v6("two"))]))
        expect(message).toContain(`it is another package than ${first} but has the same name`)
      })
    ))

  it("are told from those with one", () =>
    inHub((hub, give) =>
      Effect.gen(function* () {
        yield* hub.importRpms([give(packageBytes({}))])
        const { message } = yield* Effect.flip(hub.importRpms([give(v6("payload"))]))
        expect(message).toMatch(/the sigmd5 of hello-1.0-1.noarch is [0-9a-f]{32}, that of this file absent/)
      })
    ))

  it("are known by their signed copies too, which import-sig makes", () =>
    inHub((hub, give) =>
      Effect.gen(function* () {
        yield* hub.importRpms([give(v6("one"))])
        const twin = give(v6("one", signed))
        const refused = yield* Effect.flip(hub.importRpms([twin]))
        expect(refused.message).toContain("for another signature of the same package use import-sig")
        expect(yield* hub.importSignatures([twin])).toMatchObject([{ sigkey: "deadbeef", written: true }])
        expect((yield* hub.importRpms([twin])).map(({ outcome }) => outcome)).toEqual(["already-imported"])
      })
    ))

  it("take no signature of another package, nor one that says nothing of its package", () =>
    inHub((hub, give) =>
      Effect.gen(function* () {
        yield* hub.importRpms([give(v6("one"))])
        const other = yield* Effect.flip(hub.importSignatures([give(v6("two", signed))]))
        expect(other.message).toContain("the signature header is another package's: its sha256")
        const silent = give(packageBytes({ signature: [signed] }))
        const { message } = yield* Effect.flip(hub.importSignatures([silent]))
        expect(message).toContain("its signature header has no digest that shows it to be of hello-1.0-1.noarch")
        const [rpm] = yield* hub.buildRpms("hello-1.0-1")
        expect(rpm?.signatures).toEqual([{ sigkey: "", copy: null }])
        const path = Either.getOrThrow(
          primaryRpm(
            { volume: null, name: "hello", version: "1.0", release: "1" },
            { name: "hello", version: "1.0", release: "1", arch: "noarch" }
          )
        )
        expect(readFileSync(join(hub.topdir, path)).equals(v6("one"))).toBe(true)
      })
    ))
})
