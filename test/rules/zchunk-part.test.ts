import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Blobs, Bytes, type Digest } from "../../graph/index.ts"
import { writeZchunkPart, ZchunkParts } from "../../rules/zchunk-part.ts"
import { engineKit } from "../kit/engine-kit.ts"

const write = (texts: ReadonlyArray<Uint8Array>) => {
  const kit = engineKit()
  const blobs: Blobs["Type"] = {
    read: () => Effect.dieMessage("a part is written without reading"),
    write: (bytes) => Effect.sync((): Digest => kit.give(Bytes, bytes))
  }
  return Effect.runSync(Effect.provideService(writeZchunkPart(texts, undefined), Blobs, blobs))
}

describe("a run of zchunk chunks", () => {
  it("has no chunk of more than 10 MiB, and none that is empty", () => {
    const MiB = 1024 * 1024
    const part = write([Buffer.alloc(25 * MiB), Buffer.alloc(0), Buffer.alloc(10 * MiB), Buffer.from("short")])
    expect(part).toMatchObject({ chunks: 3 + 1 + 1, openSize: 35 * MiB + 5 })
  })

  it("is a line of the list that a file is made of", () => {
    const parts = [write([Buffer.from("a"), Buffer.from("b")]), write([Buffer.from("c")])]
    expect(ZchunkParts.decode(ZchunkParts.encode(parts))).toEqual(parts)
    expect(ZchunkParts.referencesIn(ZchunkParts.encode(parts)).map(({ digest }) => digest)).toEqual(
      parts.flatMap(({ entries, stored }) => [stored, entries])
    )
    expect(() => ZchunkParts.decode(Buffer.from("a\tb\t1\t2\n"))).toThrow("not a line of zchunk parts")
  })
})
