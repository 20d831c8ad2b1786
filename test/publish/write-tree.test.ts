import { execFileSync, spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  type Blobs,
  Bytes,
  type Digest,
  type DigestOf,
  digestOf,
  ExternalFiles,
  externalFiles,
  layerMemory,
  makeDigest,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import { Directory, Rope } from "../../rules/index.ts"
import { type Layout, writeTree } from "../../src/publish/write-tree.ts"
import { contentOf, treeOf } from "../kit/export-rig.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-tree-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a test's folder is to hold: text is a file, a list of texts a file in parts, a digest a package. */
type Shape = { readonly [name: string]: string | ReadonlyArray<string> | { readonly package: Digest } | Shape }

const isPackage = (shape: Shape[string]): shape is { readonly package: Digest } =>
  typeof shape === "object" && "package" in shape && typeof shape["package"] === "string"

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
        if (isPackage(content)) return { name, type: "package" as const, content: content.package }
        // arrays and packages are dealt with above
        return { name, type: "directory" as const, content: yield* directory(content as Shape) }
      })
    )
    return yield* writeBlob(Directory, { entries })
  })

/** Package files of a test: by digest the path, where the source says they are. */
const packages = new Map<Digest, string>()

const givePackage = (path: string, bytes: string): { readonly package: Digest } => {
  mkdirSync(join(path, ".."), { recursive: true })
  writeFileSync(path, bytes)
  const digest = digestOf(Buffer.from(bytes))
  packages.set(digest, path)
  return { package: digest }
}

const write = (shape: Shape, layout: Layout = "hardlink", path = join(folder, "tree")) =>
  Effect.runPromise(
    Effect.either(withBlobs(Effect.flatMap(directory(shape), (digest) => writeTree(digest, path, layout)))).pipe(
      Effect.provideService(
        ExternalFiles,
        externalFiles((digest) => Effect.succeed(packages.get(digest) ?? "/nowhere"))
      ),
      Effect.provide(layerMemory())
    )
  )

const written = async (...args: Parameters<typeof write>) =>
  Either.getOrThrowWith(await write(...args), (error) => error)

const refused = async (...args: Parameters<typeof write>): Promise<string> => {
  const outcome = await write(...args)
  return Either.isLeft(outcome) ? outcome.left.message : "nothing was wrong"
}

describe("a tree", () => {
  it("is written as its directory says: files, files in parts, folders in folders, empty ones too", async () => {
    const kept = await written({
      empty: {},
      pkglist: ["Packages/a/a-1-1.noarch.rpm\n", "", "Packages/b/b-1-1.noarch.rpm\n"],
      repodata: { "repomd.xml": "<repomd/>\n", deep: { er: { EMPTY_REPO: "" } } }
    })
    expect(kept).toEqual({ packages: 0, copiedInstead: 0 })
    const tree = join(folder, "tree")
    expect(treeOf(tree).map(({ path, type }) => `${type} ${path}`)).toEqual([
      "directory empty",
      "file pkglist",
      "directory repodata",
      "directory repodata/deep",
      "directory repodata/deep/er",
      "file repodata/deep/er/EMPTY_REPO",
      "file repodata/repomd.xml"
    ])
    expect(readFileSync(join(tree, "pkglist"), "utf8")).toBe(
      "Packages/a/a-1-1.noarch.rpm\nPackages/b/b-1-1.noarch.rpm\n"
    )
    expect(readFileSync(join(tree, "repodata/repomd.xml"), "utf8")).toBe("<repomd/>\n")
  })

  it("never goes over what is there already", async () => {
    mkdirSync(join(folder, "tree"))
    expect(await refused({ a: "a" })).toMatch(/tree cannot be written: EEXIST/)
    expect(contentOf(folder)).toEqual({ tree: "directory" })
  })

  it("fails with the path and the system's reason where a folder on the way is a file", async () => {
    writeFileSync(join(folder, "file"), "in the way")
    expect(await refused({ a: "a" }, "hardlink", join(folder, "file", "tree"))).toMatch(
      /file\/tree cannot be written: ENOTDIR/
    )
  })

  it("fails where a blob is not in the store", async () => {
    const lost = await Effect.runPromise(
      Effect.gen(function* () {
        const unknown = makeDigest("0".repeat(64), 3)
        // a directory that names a blob which was never stored
        const tree = yield* withBlobs(
          writeBlob(Directory, { entries: [{ name: "a", type: "file", content: unknown as DigestOf<Uint8Array> }] })
        )
        return yield* Effect.flip(withBlobs(writeTree(tree, join(folder, "tree"), "hardlink")))
      }).pipe(
        Effect.provideService(
          ExternalFiles,
          externalFiles(() => Effect.succeed("/nowhere"))
        ),
        Effect.provide(layerMemory())
      )
    )
    expect(lost).toMatchObject({ _tag: "BlobMissing", damaged: false })
  })
})

describe("packages in the hardlink layout", () => {
  it("are the very files of the source, which stay as they were: mode, owner, time", async () => {
    const source = join(folder, "source/a.rpm")
    const content = givePackage(source, "package a")
    chmodSync(source, 0o440)
    utimesSync(source, 1_000_000_000, 1_111_111_111)
    const before = statSync(source)
    expect(await written({ Packages: { a: { "a.rpm": content } } })).toEqual({ packages: 1, copiedInstead: 0 })
    const after = statSync(source)
    const linked = statSync(join(folder, "tree/Packages/a/a.rpm"))
    expect([linked.dev, linked.ino]).toEqual([before.dev, before.ino])
    expect(after.nlink).toBe(2)
    expect([after.mode, after.uid, after.mtimeMs]).toEqual([before.mode, before.uid, before.mtimeMs])
  })

  it("that are missing or of another size are all named", async () => {
    const one = givePackage(join(folder, "source/one.rpm"), "package one")
    const two = givePackage(join(folder, "source/two.rpm"), "package two")
    const cut = givePackage(join(folder, "source/cut.rpm"), "package three")
    const good = givePackage(join(folder, "source/good.rpm"), "package four")
    rmSync(join(folder, "source/one.rpm"))
    rmSync(join(folder, "source/two.rpm"))
    writeFileSync(join(folder, "source/cut.rpm"), "pack")
    for (const layout of ["hardlink", "copy"] as const) {
      const shape = { a: { "1": two, "2": one, "3": good }, b: { "4": cut } }
      expect(await refused(shape, layout, join(folder, layout))).toBe(
        [
          "2 package files are missing; restore from a backup, or write signed copies anew with write-signed-rpm --force:",
          `  ${folder}/source/one.rpm`,
          `  ${folder}/source/two.rpm`,
          "1 package file is not what was recorded; restore from a backup, or write signed copies anew with write-signed-rpm --force:",
          `  ${folder}/source/cut.rpm`
        ].join("\n")
      )
    }
  })
})

describe("a large tree", () => {
  it("can be interrupted while it is written", async () => {
    const content = givePackage(join(folder, "source/a.rpm"), "package a")
    const shape = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`a-${index}.rpm`, content]))
    const outcome = await Effect.runPromise(
      Effect.gen(function* () {
        const digest = yield* withBlobs(directory(shape))
        return yield* Effect.timeoutOption(withBlobs(writeTree(digest, join(folder, "tree"), "hardlink")), "60 millis")
      }).pipe(
        Effect.provideService(
          ExternalFiles,
          externalFiles((digest) => Effect.succeed(packages.get(digest) ?? "/nowhere"))
        ),
        Effect.provide(layerMemory())
      )
    )
    expect(outcome._tag).toBe("None")
    expect(statSync(join(folder, "source/a.rpm")).nlink).toBeLessThan(20_000)
  })
})

describe("packages in the copy layout", () => {
  it("are files of their own with the source's bytes, mode and time", async () => {
    const source = join(folder, "source/a.rpm")
    const content = givePackage(source, "package a")
    chmodSync(source, 0o640)
    utimesSync(source, 1_000_000_000, 1_111_111_111)
    expect(await written({ "a.rpm": content }, "copy")).toEqual({ packages: 1, copiedInstead: 0 })
    const [copied] = treeOf(join(folder, "tree"))
    expect(copied).toMatchObject({ nlink: 1, mtime: 1_111_111_111_000, mode: 0o100640 })
    expect(copied?.inode).not.toBe(statSync(source).ino)
    expect(readFileSync(join(folder, "tree/a.rpm"), "utf8")).toBe("package a")
    expect(statSync(source).nlink).toBe(1)
  })

  it("are refused where their bytes are not what was recorded, though the size is", async () => {
    const content = givePackage(join(folder, "source/a.rpm"), "package a")
    writeFileSync(join(folder, "source/a.rpm"), "package b")
    expect(await refused({ "a.rpm": content }, "copy")).toMatch(/^1 package file is not what was recorded;/)
  })
})

const otherDevice = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(tmpdir()).dev

describe.skipIf(!otherDevice)("packages on another file system", () => {
  it("are copied, which is told, with their times", async () => {
    const elsewhere = mkdtempSync("/dev/shm/distgraph-tree-")
    try {
      const far = givePackage(join(elsewhere, "far.rpm"), "package far away")
      const near = givePackage(join(folder, "source/near.rpm"), "package near by")
      utimesSync(join(elsewhere, "far.rpm"), 1_000_000_000, 1_111_111_111)
      expect(await written({ "far.rpm": far, "near.rpm": near })).toEqual({ packages: 2, copiedInstead: 1 })
      expect(readFileSync(join(folder, "tree/far.rpm"), "utf8")).toBe("package far away")
      expect(statSync(join(folder, "tree/far.rpm")).mtimeMs).toBe(1_111_111_111_000)
      rmSync(join(elsewhere, "far.rpm"))
      expect(await refused({ "far.rpm": far }, "hardlink", join(folder, "again"))).toMatch(/1 package file is missing/)
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })
})

/** Gives a file as many links as it may have; false where that is too many to try. */
const fillLinks = (file: string, at: string): boolean => {
  mkdirSync(at)
  for (let count = 0; count < 66_000; count += 1) {
    try {
      linkSync(file, join(at, String(count)))
    } catch {
      return true
    }
  }
  return false
}

describe("a package that has as many links as a file may have", () => {
  it("is copied, which is told", async (context) => {
    const full = givePackage(join(folder, "source/full.rpm"), "package with many links")
    const other = givePackage(join(folder, "source/other.rpm"), "package with one")
    if (!fillLinks(join(folder, "source/full.rpm"), join(folder, "links"))) {
      return context.skip("this file system has no limit below 66,000 links")
    }
    expect(await written({ "full.rpm": full, "other.rpm": other })).toEqual({ packages: 2, copiedInstead: 1 })
    expect(readFileSync(join(folder, "tree/full.rpm"), "utf8")).toBe("package with many links")
    expect(statSync(join(folder, "tree/full.rpm")).nlink).toBe(1)
  })
})

const isRoot = process.getuid?.() === 0

/** Where the kernel guards links and the test may become somebody else. */
const canBeRefused =
  isRoot &&
  existsSync("/proc/sys/fs/protected_hardlinks") &&
  readFileSync("/proc/sys/fs/protected_hardlinks", "utf8").trim() === "1"

describe.skipIf(!canBeRefused)("packages of somebody else", () => {
  it("that the kernel does not let us link are an error that names protected_hardlinks and --layout copy", () => {
    const nobody = 65_534
    const source = join(folder, "theirs.rpm")
    writeFileSync(source, "package of root")
    chmodSync(source, 0o644)
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, "ours"))
    chownSync(join(folder, "ours"), nobody, nobody)
    const program = `
      import { Effect } from "effect"
      import { digestOf, ExternalFiles, externalFiles, layerMemory, withBlobs, writeBlob } from "./graph/index.ts"
      import { Directory } from "./rules/index.ts"
      import { writeTree } from "./src/publish/write-tree.ts"
      const content = digestOf(Buffer.from("package of root"))
      const tree = writeBlob(Directory, { entries: [{ name: "theirs.rpm", type: "package", content }] })
      const outcome = await Effect.runPromise(
        Effect.either(withBlobs(Effect.flatMap(tree, (digest) => writeTree(digest, process.argv[1], "hardlink")))).pipe(
          Effect.provideService(ExternalFiles, externalFiles(() => Effect.succeed(${JSON.stringify(source)}))),
          Effect.provide(layerMemory())
        )
      )
      process.stdout.write(outcome._tag === "Left" ? outcome.left.message : "linked")
    `
    const child = spawnSync(process.execPath, ["--input-type=module", "--eval", program, join(folder, "ours/tree")], {
      uid: nobody,
      gid: nobody,
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8"
    })
    expect(child.stderr).toBe("")
    expect(child.stdout).toContain(`${source} may not be linked`)
    expect(child.stdout).toMatch(/protected_hardlinks .* --layout copy/)
    expect(statSync(source).nlink).toBe(1)
  })
})

/** A file system that is full after a quarter of a MiB; undefined where none can be mounted. */
const smallDisk = (at: string): (() => void) | undefined => {
  mkdirSync(at)
  const options = { stdio: "ignore" } as const
  if (!isRoot || spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "none", at], options).status !== 0) return
  return () => execFileSync("umount", [at], options)
}

describe("a full disk", () => {
  it("is an error with the path and the system's reason", async (context) => {
    const at = join(folder, "small")
    const unmount = smallDisk(at)
    if (unmount === undefined) return context.skip("no file system can be mounted here")
    try {
      const large = "x".repeat(100_000)
      const message = await refused({ a: large, b: [large, large], c: large }, "hardlink", join(at, "tree"))
      expect(message).toMatch(/small\/tree\/[abc] cannot be written: ENOSPC/)
    } finally {
      unmount()
    }
  })
})
