import { execFileSync, spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Effect, Either } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  type Blobs,
  Bytes,
  type DigestOf,
  digestOf,
  hashOf,
  layerMemory,
  makeDigest,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import { Directory, PackageDirectory, type PackageFile, PackageFiles, Rope } from "../../rules/index.ts"
import { type Layout, type WrittenTree, writeTree } from "../../src/publish/write-tree.ts"
import { contentOf, treeOf } from "../kit/export-rig.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-tree-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a test's folder is to hold: text is a file, a list of texts a file in parts, packages a directory of them. */
type Shape = { readonly [name: string]: string | ReadonlyArray<string> | Packages | Shape }

/** Package files of a directory, in runs. */
class Packages {
  readonly runs: ReadonlyArray<ReadonlyArray<PackageFile>>
  constructor(...runs: ReadonlyArray<ReadonlyArray<PackageFile>>) {
    this.runs = runs
  }
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
        if (content instanceof Packages) {
          const runs = yield* Effect.forEach(content.runs, (run) => writeBlob(PackageFiles, run))
          return { name, type: "packages" as const, content: yield* writeBlob(PackageDirectory, runs) }
        }
        // arrays and packages are dealt with above
        return { name, type: "directory" as const, content: yield* directory(content as Shape) }
      })
    )
    return yield* writeBlob(Directory, { entries })
  })

/** Makes a package in the topdir. */
const givePackage = (path: string, bytes: string): PackageFile => {
  mkdirSync(dirname(inTopdir(path)), { recursive: true })
  writeFileSync(inTopdir(path), bytes)
  return { path, content: digestOf(Buffer.from(bytes)) }
}

const inTopdir = (path: string): string => join(folder, "topdir", path)

const options = (layout: Layout, place: string) => ({ layout, place, topdir: join(folder, "topdir") })

const write = (shape: Shape, layout: Layout = "hardlink", path = join(folder, "tree")) =>
  Effect.runPromise(
    Effect.either(
      withBlobs(Effect.flatMap(directory(shape), (digest) => writeTree(digest, path, options(layout, path))))
    ).pipe(Effect.provide(layerMemory()))
  )

/** What placing some packages gives, where nothing is out of the ordinary. */
const placed = (packages: number, told: Partial<WrittenTree> = {}): WrittenTree => ({
  packages,
  copiedInstead: 0,
  mended: [],
  ...told
})

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
    expect(kept).toEqual(placed(0))
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
        const path = join(folder, "tree")
        return yield* Effect.flip(withBlobs(writeTree(tree, path, options("hardlink", path))))
      }).pipe(Effect.provide(layerMemory()))
    )
    expect(lost).toMatchObject({ _tag: "BlobMissing", damaged: false })
  })
})

describe("a link to the topdir", () => {
  it("leads there from the place where the tree will stand, whatever links are on the way", async () => {
    const [topdir, place] = [join(folder, "topdir"), join(folder, "far/away/tree")]
    mkdirSync(topdir)
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(topdir, join(folder, "by-link"))
    const aside = join(folder, "aside")
    await Effect.runPromise(
      withBlobs(
        Effect.gen(function* () {
          const arch = yield* writeBlob(Directory, { entries: [{ name: "toplink", type: "topdir" }] })
          const tree = yield* writeBlob(Directory, { entries: [{ name: "x86_64", type: "directory", content: arch }] })
          yield* writeTree(tree, aside, { layout: "hardlink", place, topdir: join(folder, "by-link") })
        })
      ).pipe(Effect.provide(layerMemory()))
    )
    expect(readlinkSync(join(aside, "x86_64/toplink"))).toBe("../../../../topdir")
    renameSync(aside, place)
    expect(realpathSync(join(place, "x86_64/toplink"))).toBe(realpathSync(topdir))
  })
})

describe("packages in the hardlink layout", () => {
  it("are the very files of the source, which stay as they were: mode, owner, time", async () => {
    const file = givePackage("packages/a.rpm", "package a")
    const source = inTopdir(file.path)
    chmodSync(source, 0o440)
    utimesSync(source, 1_000_000_000, 1_111_111_111)
    const before = statSync(source)
    expect(await written({ Packages: { a: new Packages([file]) } })).toEqual(placed(1))
    const after = statSync(source)
    const linked = statSync(join(folder, "tree/Packages/a/a.rpm"))
    expect([linked.dev, linked.ino]).toEqual([before.dev, before.ino])
    expect(after.nlink).toBe(2)
    expect([after.mode, after.uid, after.mtimeMs]).toEqual([before.mode, before.uid, before.mtimeMs])
  })

  it("that are missing or of another size are all named", async () => {
    const one = givePackage("packages/one.rpm", "package one")
    const two = givePackage("packages/two.rpm", "package two")
    const cut = givePackage("packages/cut.rpm", "package three")
    const good = givePackage("packages/good.rpm", "package four")
    rmSync(inTopdir(one.path))
    rmSync(inTopdir(two.path))
    writeFileSync(inTopdir(cut.path), "pack")
    for (const layout of ["hardlink", "shared", "copy"] as const) {
      const shape = { a: new Packages([two], [one, good]), b: new Packages([cut]) }
      expect(await refused(shape, layout, join(folder, layout))).toBe(
        [
          "2 package files are missing; restore from a backup, or write signed copies anew with write-signed-rpm --force:",
          `  ${folder}/topdir/packages/one.rpm`,
          `  ${folder}/topdir/packages/two.rpm`,
          "1 package file is not what was recorded; restore from a backup, or write signed copies anew with write-signed-rpm --force:",
          `  ${folder}/topdir/packages/cut.rpm`
        ].join("\n")
      )
    }
  })
})

describe("a large tree", () => {
  /** 16 directories of the same 1000 packages each, in 20 runs: enough for other threads to be worth it. */
  const large = () => {
    const files = Array.from({ length: 1000 }, (_, at) => givePackage(`packages/${at}.rpm`, `package ${at}`))
    const runs = Array.from({ length: 20 }, (_, at) => files.slice(50 * at, 50 * at + 50))
    const shape = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`d${at}`, new Packages(...runs)]))
    return { files, shape }
  }

  it("is whole, whichever threads write it", async () => {
    const { files, shape } = large()
    expect(await written(shape)).toEqual(placed(16_000))
    const sums = Object.fromEntries(files.map(({ content, path }) => [path.replace("packages/", ""), hashOf(content)]))
    for (const name of Object.keys(shape)) expect(contentOf(join(folder, "tree", name))).toEqual(sums)
  })

  it("names all packages that are gone, whichever threads miss them", async () => {
    const { files, shape } = large()
    const gone = files.filter((_, at) => at % 7 === 0).map(({ path }) => inTopdir(path))
    for (const path of gone) rmSync(path)
    const message = await refused(shape)
    expect(message.split("\n").slice(1)).toEqual(gone.map((path) => `  ${path}`).sort())
  })

  it("can be interrupted while it is written, and then nobody writes any more", async () => {
    const { shape } = large()
    const path = join(folder, "tree")
    const outcome = await Effect.runPromise(
      Effect.gen(function* () {
        const digest = yield* withBlobs(directory(shape))
        return yield* Effect.timeoutOption(withBlobs(writeTree(digest, path, options("hardlink", path))), "50 millis")
      }).pipe(Effect.provide(layerMemory()))
    )
    expect(outcome._tag).toBe("None")
    const links = () => treeOf(path).length
    const then = links()
    expect(then).toBeLessThan(16_000)
    await setTimeout(30)
    expect(links()).toBe(then)
  })
})

describe("packages in the copy layout", () => {
  it("are files of their own with the source's bytes, mode and time", async () => {
    const file = givePackage("packages/a.rpm", "package a")
    const source = inTopdir(file.path)
    chmodSync(source, 0o640)
    utimesSync(source, 1_000_000_000, 1_111_111_111)
    expect(await written({ a: new Packages([file]) }, "copy")).toEqual(placed(1))
    const [copied] = treeOf(join(folder, "tree/a"))
    expect(copied).toMatchObject({ nlink: 1, mtime: 1_111_111_111_000, mode: 0o100640 })
    expect(copied?.inode).not.toBe(statSync(source).ino)
    expect(readFileSync(join(folder, "tree/a/a.rpm"), "utf8")).toBe("package a")
    expect(statSync(source).nlink).toBe(1)
  })

  it("are refused where their bytes are not what was recorded, though the size is", async () => {
    const file = givePackage("packages/a.rpm", "package a")
    writeFileSync(inTopdir(file.path), "package b")
    expect(await refused({ a: new Packages([file]) }, "copy")).toMatch(/^1 package file is not what was recorded;/)
  })
})

const otherDevice = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(tmpdir()).dev

describe.skipIf(!otherDevice)("packages on another file system, where a volume of the topdir leads", () => {
  it("are copied, which is told, with their times", async () => {
    const elsewhere = mkdtempSync("/dev/shm/distgraph-tree-")
    try {
      mkdirSync(inTopdir("vol"), { recursive: true })
      symlinkSync(elsewhere, inTopdir("vol/far"))
      const far = givePackage("vol/far/far.rpm", "package far away")
      const near = givePackage("packages/near.rpm", "package near by")
      utimesSync(join(elsewhere, "far.rpm"), 1_000_000_000, 1_111_111_111)
      for (const layout of ["hardlink", "shared"] as const) {
        const tree = join(folder, layout)
        expect(await written({ a: new Packages([far, near]) }, layout, tree)).toEqual(placed(2, { copiedInstead: 1 }))
        expect(readFileSync(join(tree, "a/far.rpm"), "utf8")).toBe("package far away")
        expect(statSync(join(tree, "a/far.rpm")).mtimeMs).toBe(1_111_111_111_000)
      }
      rmSync(join(elsewhere, "far.rpm"))
      expect(await refused({ a: new Packages([far]) }, "hardlink", join(folder, "again"))).toMatch(
        /1 package file is missing/
      )
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
    const full = givePackage("packages/full.rpm", "package with many links")
    const other = givePackage("packages/other.rpm", "package with one")
    if (!fillLinks(inTopdir(full.path), join(folder, "links"))) {
      return context.skip("this file system has no limit below 66,000 links")
    }
    expect(await written({ a: new Packages([full, other]) })).toEqual(placed(2, { copiedInstead: 1 }))
    expect(readFileSync(join(folder, "tree/a/full.rpm"), "utf8")).toBe("package with many links")
    expect(statSync(join(folder, "tree/a/full.rpm")).nlink).toBe(1)
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
      import { digestOf, layerMemory, withBlobs, writeBlob } from "./graph/index.ts"
      import { Directory, PackageDirectory, PackageFiles } from "./rules/index.ts"
      import { writeTree } from "./src/publish/write-tree.ts"
      const [topdir, place] = process.argv.slice(1)
      const tree = Effect.gen(function* () {
        const content = digestOf(Buffer.from("package of root"))
        const run = yield* writeBlob(PackageFiles, [{ content, path: "theirs.rpm" }])
        const directory = yield* writeBlob(PackageDirectory, [run])
        return yield* writeBlob(Directory, { entries: [{ name: "a", type: "packages", content: directory }] })
      })
      const writing = Effect.flatMap(tree, (digest) => writeTree(digest, place, { layout: "hardlink", topdir, place }))
      const outcome = await Effect.runPromise(Effect.either(withBlobs(writing)).pipe(Effect.provide(layerMemory())))
      process.stdout.write(outcome._tag === "Left" ? outcome.left.message : "linked")
    `
    const args = ["--input-type=module", "--eval", program, folder, join(folder, "ours/tree")]
    const child = spawnSync(process.execPath, args, {
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
