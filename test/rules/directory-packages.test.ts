import { Effect, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { Blobs, type Digest, digestOf, makeDigest } from "../../graph/index.ts"
import {
  DirectoryChunk,
  DirectoryList,
  type DirectoryPackage,
  writeDirectoryList
} from "../../rules/directory-packages.ts"
import { engineKit } from "../kit/engine-kit.ts"

const kit = engineKit()
const blobs: Blobs["Type"] = {
  read: (digest) => Effect.orDie(kit.store.blob(digest)),
  write: (bytes) => Effect.orDie(kit.store.putBlob(bytes))
}
const write = (packages: ReadonlyArray<DirectoryPackage>) =>
  Effect.runSync(Effect.provideService(writeDirectoryList(packages), Blobs, blobs))
const read = (list: ReturnType<typeof write>) =>
  kit.read(DirectoryList, list).flatMap(({ chunk }) => kit.read(DirectoryChunk, chunk))

const file = (text: string): Digest => digestOf(Buffer.from(text))
const listed = (path: string, over: Partial<DirectoryPackage> = {}): DirectoryPackage => ({
  path,
  href: path,
  file: file(path),
  sigmd5: null,
  time: 1,
  checksum: null,
  ...over
})
const paths = (names: ReadonlyArray<string>) => read(write(names.map((name) => listed(name)))).map(({ path }) => path)

describe("the list of a directory's packages", () => {
  it("is by file name, then by folder, bytewise", () => {
    const order = [
      ".hidden.rpm",
      "A-1-1.noarch.rpm",
      "z/A-1-1.noarch.rpm",
      "a-1-1.noarch.rpm",
      "a/x/b.rpm",
      "b/b.rpm",
      "\uffee.rpm",
      "\u{10000}.rpm"
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(order, { minLength: order.length }), (shuffled) => {
        expect(paths(shuffled)).toEqual(order)
      })
    )
  })

  it("gives back what was written, odd names and other checksums too", () => {
    const segment = fc
      .string({ minLength: 1, unit: "grapheme" })
      .filter((text) => !/[\p{Cc}/]/u.test(text) && text.isWellFormed())
    const row = fc.record({
      path: fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/")),
      href: segment,
      file: fc.nat().map((size) => makeDigest("ab".repeat(32), size)),
      sigmd5: fc.option(fc.constant("0f".repeat(16))),
      time: fc.integer(),
      checksum: fc.option(
        fc.record({ type: fc.constantFrom("sha512" as const, "sha" as const), value: fc.constant("cd") })
      )
    })
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: ({ path }) => path }), (rows) => {
        const back = read(write(rows)).map(({ name: _, ...rest }) => rest)
        const byPath = (list: ReadonlyArray<DirectoryPackage>) => list.toSorted((a, b) => (a.path < b.path ? -1 : 1))
        expect(byPath(back)).toEqual(byPath(rows))
      })
    )
  })

  it("is cut by names alone: another version moves no cut", () => {
    const names = Array.from({ length: 400 }, (_, index) => `package${index}`)
    const firsts = (version: string) =>
      kit
        .read(DirectoryList, write(names.map((name) => listed(`${name}-${version}-1.noarch.rpm`))))
        .map(({ first }) => first)
    expect(firsts("1").length).toBeGreaterThan(3)
    expect(firsts("2")).toEqual(firsts("1"))
  })

  it("says what changed, file by file", async () => {
    const before = write([
      listed("gone.rpm"),
      listed("new.rpm"),
      listed("touched.rpm"),
      listed("moved.rpm"),
      listed("same.rpm")
    ])
    const after = write([
      listed("come.rpm"),
      listed("new.rpm", { file: file("other") }),
      listed("touched.rpm", { time: 2 }),
      listed("moved.rpm", { href: "p/moved.rpm" }),
      listed("same.rpm")
    ])
    const differences = DirectoryList.differencesBetween
    if (differences === undefined) throw new Error("a list tells its differences")
    const bytes = (digest: Digest) => Effect.runSync(kit.store.blob(digest))
    const found = await Effect.runPromise(Effect.provideService(differences(bytes(before), bytes(after)), Blobs, blobs))
    expect(found).toEqual([
      { kind: "added", subject: "come.rpm", after: "come.rpm" },
      { kind: "changed", subject: "moved.rpm", before: "moved.rpm", after: "p/moved.rpm" },
      { kind: "changed", subject: "new.rpm", after: "has other content" },
      { kind: "changed", subject: "touched.rpm", after: "has another time" },
      { kind: "removed", subject: "gone.rpm", before: "gone.rpm" }
    ])
  })
})
