import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { Store } from "../../graph/index.ts"
import type { FileStat } from "../../src/source/find-packages.ts"
import {
  type DirectoryMemory,
  isSettled,
  judge,
  recallDirectory,
  rememberDirectory,
  witnessOf,
  witnessText
} from "../../src/source/witnesses.ts"
import { openMemory } from "../kit/engine-stores.ts"

const stat: FileStat = { size: 10, mtime: 1_600_000_000_000_000_001n, inode: 7n, ctime: 1_600_000_000_000_000_002n }
const witness = { sha256: "ab".repeat(32), mark: 5, sigmd5: "0f".repeat(16), checksums: { sha512: "cd".repeat(64) } }

describe("a witness", () => {
  it("is borne out by a file that looks the same in all", () => {
    expect(judge(witnessText(stat, witness), stat)).toBe("same")
  })

  it("is in doubt where only the inode's own time differs", () => {
    expect(judge(witnessText(stat, witness), { ...stat, ctime: stat.ctime + 1n })).toBe("touched")
  })

  it.each([{ size: 11 }, { size: 1 }, { mtime: stat.mtime + 1n }, { inode: 70n }])(
    "is worth nothing for %o",
    (other) => {
      expect(judge(witnessText(stat, witness), { ...stat, ...other })).toBe("other")
    }
  )

  it("gives back what was read", () => {
    expect(witnessOf(witnessText(stat, witness))).toEqual(witness)
    const plain = { ...witness, checksums: {}, sigmd5: "" }
    expect(witnessOf(witnessText(stat, plain))).toEqual(plain)
  })

  it("is not to be taken of what changed in the last two seconds, or will have", () => {
    const at = (mtime: bigint) => isSettled({ mtime }, 10_000)
    expect([at(7_999_999_999n), at(8_000_000_000n), at(8_000_000_001n), at(99_000_000_000n)]).toEqual([
      true,
      true,
      false,
      false
    ])
  })
})

describe("what the store knows of a directory", () => {
  const opened = openMemory()
  const using = <A, E>(effect: Effect.Effect<A, E, Store>) =>
    Effect.runPromise(Effect.provideService(effect, Store, opened.store))
  const path = fc
    .string({ minLength: 1, unit: "grapheme" })
    .filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed())

  it("is what was remembered of it, and nothing of another", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(path), fc.boolean(), async (paths, whole) => {
        const memory: DirectoryMemory = {
          witnesses: new Map(paths.map((name) => [name, witnessText(stat, witness)])),
          content: whole ? { key: "k", list: await listDigest() } : null
        }
        await using(rememberDirectory("/a dir", memory))
        expect(await using(recallDirectory("/a dir"))).toEqual(memory)
        expect((await using(recallDirectory("/a"))).witnesses.size).toBe(0)
      })
    )
  })
  const listDigest = () => Effect.runPromise(opened.store.putBlob(Buffer.from("list")))

  it("is nothing where the store lost it", async () => {
    const witnesses = new Map([["a", witnessText(stat, witness)]])
    await using(rememberDirectory("/lost", { witnesses, content: null }))
    const digest = await Effect.runPromise(opened.store.recall("directory /lost"))
    opened.evict(digest as Parameters<typeof opened.evict>[0]) // what is remembered is a digest alone
    expect(await using(recallDirectory("/lost"))).toEqual({ witnesses: new Map(), content: null })
  })
})
