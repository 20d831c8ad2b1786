import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, FastCheck as fc } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Blobs, Bytes, type DigestOf, layerMemory, withBlobs, writeBlob } from "../../graph/index.ts"
import { Directory, Rope } from "../../rules/index.ts"
import { treeChanges } from "../../src/publish/tree-changes.ts"
import { beginTree, writeTree } from "../../src/publish/write-tree.ts"
import { contentOf, treeOf } from "../kit/export-rig.ts"

/** Text is a file, a list of texts a file in parts, anything else a directory. */
interface Shape {
  readonly [name: string]: string | ReadonlyArray<string> | Shape
}

const directory = (shape: Shape): Effect.Effect<DigestOf<Directory>, never, Blobs> =>
  Effect.gen(function* () {
    const text = (words: string) => writeBlob(Bytes, Buffer.from(words))
    const entries = yield* Effect.forEach(Object.entries(shape), ([name, content]) =>
      Effect.gen(function* () {
        if (typeof content === "string") return { name, type: "file" as const, content: yield* text(content) }
        if (Array.isArray(content)) {
          const parts = yield* Effect.forEach(content, text)
          return { name, type: "rope" as const, content: yield* writeBlob(Rope, parts) }
        }
        // texts and lists are dealt with above
        return { name, type: "directory" as const, content: yield* directory(content as Shape) }
      })
    )
    return yield* writeBlob(Directory, { entries })
  })

const inMemory = <A, E>(effect: Effect.Effect<A, E, Blobs>): Promise<A> =>
  Effect.runPromise(withBlobs(effect).pipe(Effect.provide(layerMemory())))

const changes = (tree: Shape, standing?: Shape) =>
  inMemory(
    Effect.gen(function* () {
      const before = standing === undefined ? undefined : yield* directory(standing)
      return yield* treeChanges(yield* directory(tree), before, "/at")
    })
  )

const repodata = { "primary.xml.gz": ["p", "q"], "other.xml.gz": ["o"] }

describe("what has to be done for a tree to stand", () => {
  it("is all of it where nothing stands", async () => {
    const { files, folders, newFolders, outdated, renamed } = await changes({ x86_64: { pkglist: ["a"], repodata } })
    expect(folders).toEqual(["/at", "/at/x86_64", "/at/x86_64/repodata"])
    expect(newFolders).toEqual(folders)
    expect(new Map(files.map(({ at, parts }) => [at, parts.length]))).toEqual(
      new Map([
        ["/at/x86_64/pkglist", 1],
        ["/at/x86_64/repodata/other.xml.gz", 1],
        ["/at/x86_64/repodata/primary.xml.gz", 2]
      ])
    )
    expect([outdated, renamed]).toEqual([[], []])
  })

  it("is a new name where the content stands under another, and what is not there yet", async () => {
    const final = { "11-primary.xml.gz": ["p", "q"], "22-other.xml.gz": ["o"], "repomd.xml": "r" }
    const found = await changes(
      { x86_64: { pkglist: ["a"], repodata: final } },
      { x86_64: { pkglist: ["a"], repodata } }
    )
    expect(found.newFolders).toEqual([])
    expect(found.folders).toEqual(["/at", "/at/x86_64", "/at/x86_64/repodata"])
    const below = "/at/x86_64/repodata"
    expect(found.renamed).toEqual([
      { from: `${below}/primary.xml.gz`, to: `${below}/11-primary.xml.gz` },
      { from: `${below}/other.xml.gz`, to: `${below}/22-other.xml.gz` }
    ])
    expect(found.files.map(({ at }) => at)).toEqual([`${below}/repomd.xml`])
    expect(found.outdated).toEqual([])
  })

  it("is to remove what has no place in it: another content, another kind, a folder", async () => {
    const found = await changes(
      { a: "new", b: { c: "kept" }, d: "file" },
      { a: "old", b: { c: "kept", e: "gone" }, d: { f: "folder" }, g: { h: "gone" } }
    )
    expect([...found.outdated].sort()).toEqual(["/at/a", "/at/b/e", "/at/d", "/at/g"])
    expect(found.files.map(({ at }) => at).sort()).toEqual(["/at/a", "/at/d"])
  })
})

describe("a tree that was begun as another", () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "distgraph-begun-"))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const options = (path: string) => ({ layout: "hardlink" as const, topdir: folder, place: path })

  const text = fc.constantFrom("", "one", "two", "three")
  const names = fc.constantFrom("a", "b", "c", "d")
  const file = fc.oneof(text, fc.array(text, { maxLength: 3 }))
  const level = fc.dictionary(names, file)
  const shape = fc.dictionary(names, fc.oneof(file, level, fc.dictionary(names, level)))

  it("is in the end what it would be if it had been written at once", async () => {
    await fc.assert(
      fc.asyncProperty(shape, shape, async (first, last) => {
        const at = mkdtempSync(join(folder, "case-"))
        const [begun, whole] = [join(at, "begun"), join(at, "whole")]
        await inMemory(
          Effect.gen(function* () {
            const tree = yield* directory(last)
            const before = yield* beginTree(yield* directory(first), begun, options(begun))
            yield* writeTree(tree, begun, options(begun), before)
            yield* writeTree(tree, whole, options(whole))
          })
        )
        expect(contentOf(begun)).toEqual(contentOf(whole))
      }),
      { numRuns: 60 }
    )
  })

  it("keeps the very files that fit, wherever it was moved meanwhile", async () => {
    const [first, moved] = [join(folder, "first"), join(folder, "moved")]
    const final = { "11-primary.xml.gz": ["p", "q"], "22-other.xml.gz": ["o"], "repomd.xml": "r" }
    const inodes = (at: string) => treeOf(at).flatMap(({ inode, type }) => (type === "file" ? [inode] : []))
    await inMemory(
      Effect.gen(function* () {
        const before = yield* beginTree(yield* directory({ pkglist: ["a"], repodata }), first, options(first))
        const written = inodes(first)
        renameSync(first, moved)
        yield* writeTree(yield* directory({ pkglist: ["a"], repodata: final }), moved, options(moved), before)
        expect(written).toHaveLength(3)
        expect(inodes(moved)).toEqual(expect.arrayContaining(written))
        expect(inodes(moved)).toHaveLength(4)
      })
    )
  })
})
