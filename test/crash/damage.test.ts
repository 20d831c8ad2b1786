import { hash } from "node:crypto"
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { Tag } from "../../src/rpm/tags.ts"
import { contentOf, type ExportRig, exportRig, readersView } from "../kit/export-rig.ts"
import { type FixtureCopy, fixture, fixtureKeys } from "../kit/fixtures.ts"
import { int16, int32, packageBytes, string, strings } from "../rpm/package-builder.ts"
import { distgraph } from "./cli.ts"
import { expectNothingLeftOver, expectWholeRepos } from "./whole-repos.ts"

let rig: ExportRig
beforeEach(async () => {
  rig = await exportRig()
})
afterEach(() => rig.close())

const databaseFile = (): string => join(rig.store, "v4/store.db")

/** Changes the store's database behind its back. */
const inDatabase = <A>(use: (database: DatabaseSync) => A): A => {
  const database = new DatabaseSync(databaseFile())
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/** The same bytes but for one bit in the middle. */
const flipped = (bytes: Uint8Array): Uint8Array => {
  const changed = Uint8Array.from(bytes)
  const middle = changed.length >> 1
  changed[middle] = (changed[middle] ?? 0) ^ 1
  return changed
}

/** By what the small blobs are found, in the order in which they were written. */
const smallBlobs = (): ReadonlyArray<string> =>
  inDatabase((database) => database.prepare("SELECT hex(hash) AS hash FROM blob ORDER BY pack, start").all()).map(
    ({ hash }) => String(hash)
  )

/** Has a small blob begin at another place than it does. */
const displace = (hash: string) =>
  inDatabase((database) => database.prepare("UPDATE blob SET start = start + 1 WHERE hash = unhex(?)").run(hash))

/** Flips a bit in every pack of small blobs. */
const flipPacks = () =>
  inDatabase((database) => {
    for (const { bytes, id } of database.prepare("SELECT id, bytes FROM pack").all()) {
      if (!(bytes instanceof Uint8Array)) throw new Error("a pack has no bytes")
      database.prepare("UPDATE pack SET bytes = ? WHERE id = ?").run(flipped(bytes), Number(id))
    }
  })

/** A package of so many files with long names. */
const packageWithFiles = (count: number): Uint8Array => {
  const ids = Array.from({ length: count }, (_, id) => id)
  const name = (id: number): string => hash("sha256", String(id), "hex")
  return packageBytes({
    main: [
      string(Tag.name, "large"),
      string(Tag.version, "1"),
      string(Tag.release, "1"),
      string(Tag.arch, "x86_64"),
      string(Tag.sourceRpm, "large-1-1.src.rpm"),
      int32(Tag.buildTime, 1_700_000_000),
      strings(Tag.dirNames, "/usr/share/large/"),
      int32(Tag.dirIndexes, ...ids.map(() => 0)),
      strings(Tag.baseNames, ...ids.map(name)),
      strings(Tag.fileDigests, ...ids.map(name)),
      int32(Tag.fileFlags, ...ids.map(() => 0)),
      int16(Tag.fileModes, ...ids.map(() => 0o100644))
    ]
  })
}

/** Exports once more and expects the very bytes of repo 1. */
const expectRebuilt = async (request: Partial<DistRepoRequest> = {}): Promise<void> => {
  const { repo } = await rig.publish({ force: true, ...request })
  const tagDir = rig.tagDir(request.tag)
  expect(readersView(tagDir, repo.id)).toEqual(readersView(tagDir, 1))
}

/** Runs the real command line, which is to fail. Gives its stderr. */
const failed = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stderr, stdout } = await distgraph(rig, ["dist-repo", "demo", fixtureKeys.a, ...args]).finished
  expect([code, stdout], stderr).toEqual([1, ""])
  return stderr
}

describe("a stored blob that is damaged or gone", () => {
  it("is rebuilt, whichever it is: the next export has the same bytes", async () => {
    await rig.publish()
    const hashes = smallBlobs()
    expect(hashes.length).toBeGreaterThan(50)
    for (const [index, hash] of hashes.entries()) {
      if (index % 2 === 0) displace(hash)
      else inDatabase((database) => database.prepare("DELETE FROM blob WHERE hash = unhex(?)").run(hash))
      await expectRebuilt()
    }
    await expectNothingLeftOver(rig)
  })

  it("is rebuilt where all of them are at once", async () => {
    await rig.publish()
    flipPacks()
    await expectRebuilt()
    inDatabase((database) => database.exec("DELETE FROM blob"))
    await expectRebuilt()
    await expectWholeRepos(rig)
  })

  it("is noticed by the export of a changed tag too, which is what an empty store gives", async () => {
    await rig.publish()
    flipPacks()
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const { repo } = await rig.publish()
    const scratch = await rig.publish({ force: true }, { store: join(rig.folder, "fresh") })
    expect(readersView(rig.tagDir(), repo.id)).toEqual(readersView(rig.tagDir(), scratch.repo.id))
    await expectWholeRepos(rig)
  })

  it("matters to nobody where nothing changed", async () => {
    await rig.publish()
    flipPacks()
    expect(await rig.export()).toMatchObject({ _tag: "Unchanged", repo: { id: 1 } })
  })

  it("may be one of the large ones, which are files", async () => {
    const path = join(rig.folder, "large-1-1.x86_64.rpm")
    writeFileSync(path, packageWithFiles(10_000))
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.importRpms([path])
        yield* hub.addTag("large", { arches: "x86_64" })
        yield* hub.addPackages("large", ["large"])
        yield* hub.tagBuild("large", ["large-1-1"])
      })
    )
    const request = { tag: "large", missingSignatures: "allow" } as const
    await rig.publish(request)
    const files = (): ReadonlyArray<string> =>
      readdirSync(join(rig.store, "v4/blobs"), { recursive: true, encoding: "utf8" })
        .map((name) => join(rig.store, "v4/blobs", name))
        .filter((path) => statSync(path).isFile())
    expect(files().length).toBeGreaterThan(0)
    const harms: ReadonlyArray<(path: string) => void> = [
      (path) => writeFileSync(path, flipped(readFileSync(path))),
      (path) => truncateSync(path, 10),
      (path) => writeFileSync(path, ""),
      (path) => appendFileSync(path, "more"),
      (path) => rmSync(path)
    ]
    for (const harm of harms) {
      for (const path of files()) harm(path)
      await expectRebuilt(request)
    }
  })
})

describe("a stored result that is damaged", () => {
  it("is computed anew", async () => {
    await rig.publish()
    const harms = [
      "UPDATE batch SET outputs = CAST('garbage' AS BLOB)",
      "UPDATE batch SET outputs = substr(outputs, 2)",
      "UPDATE batch SET outputs = x''",
      "UPDATE node SET slot = slot + 1",
      "PRAGMA foreign_keys = OFF; UPDATE node SET batch = batch + 1",
      "PRAGMA foreign_keys = OFF; DELETE FROM batch"
    ]
    for (const harm of harms) {
      inDatabase((database) => database.exec(harm))
      await expectRebuilt()
    }
  })
})

/** Damages a file as a bad disk might: so many bytes from an offset are noise. */
const overwrite = (path: string, from: number, length: number): void => {
  const file = openSync(path, "r+")
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, from)
  closeSync(file)
}

describe("a store whose database is damaged", () => {
  const harms: Readonly<Record<string, () => void>> = {
    "is no database any more": () => writeFileSync(databaseFile(), "garbage ".repeat(5000)),
    "has noise in place of its head": () => overwrite(databaseFile(), 0, 4096),
    "has noise in place of all but its head": () =>
      overwrite(databaseFile(), 4096, statSync(databaseFile()).size - 4096),
    "was cut in half": () => truncateSync(databaseFile(), (statSync(databaseFile()).size / 2) & ~0x3fff)
  }
  for (const [what, harm] of Object.entries(harms)) {
    it(`because it ${what}: an error names the store and says to delete it; then all is well`, async () => {
      await rig.publish()
      await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
      const before = contentOf(rig.tagDir())
      harm()
      const stderr = await failed("--force")
      expect(stderr).toContain(rig.store)
      expect(stderr).toMatch(/delete/i)
      expect(stderr).not.toMatch(/bug/)
      expect(contentOf(rig.tagDir())).toEqual(before)
      expect((await rig.repoStates()).filter((state) => !state.endsWith("DELETED"))).toEqual(["1 READY"])
      rmSync(rig.store, { recursive: true })
      await rig.publish()
      await expectWholeRepos(rig)
    })
  }
})

describe("a package file that is damaged in the topdir", () => {
  const signed = (): string =>
    join(rig.topdir, "packages/hello/1.0/1/data/signed", fixtureKeys.a, "x86_64/hello-1.0-1.x86_64.rpm")
  type Harms = Readonly<Record<string, () => void>>
  const ofAnotherSize: Harms = {
    "cut short": () => truncateSync(signed(), 5000),
    emptied: () => truncateSync(signed(), 0),
    gone: () => rmSync(signed()),
    "replaced by another package": () => replace("key-a", "hello-1.1-1.x86_64.rpm")
  }
  /** Only those who read the file can tell. */
  const ofTheSameSize: Harms = {
    "replaced by a copy with another signature": () => replace("key-b", "hello-1.0-1.x86_64.rpm"),
    "with noise in its first bytes": () => overwrite(signed(), 0, 16),
    "with noise in its signature header": () => overwrite(signed(), 110, 64)
  }
  const replace = (copy: FixtureCopy, name: string): void => {
    rmSync(signed())
    copyFileSync(fixture(copy, name), signed())
  }

  for (const [what, harm] of Object.entries({ ...ofAnotherSize, ...ofTheSameSize })) {
    it(`(${what}) is named by an export that must read it, nothing is published, and a mended file is well again`, async () => {
      harm()
      expect(await failed()).toContain(signed())
      expect((await rig.repoStates()).filter((state) => !state.endsWith("DELETED"))).toEqual([])
      await mend()
    })
  }

  for (const [what, harm] of Object.entries(ofAnotherSize)) {
    it(`(${what}) is named by an export that has read it before, nothing is published, and a mended file is well again`, async () => {
      // copies, so that the harm is not done to what was published
      await rig.publish({ layout: "copy" })
      const before = contentOf(rig.tagDir())
      harm()
      const stderr = await failed("--force")
      expect(stderr).toContain(signed())
      expect(contentOf(rig.tagDir())).toEqual(before)
      await mend()
    })
  }

  const mend = async (): Promise<void> => {
    const mended = await distgraph(rig, ["write-signed-rpm", "--force", fixtureKeys.a, "hello-1.0-1.x86_64"]).finished
    expect(mended.code, mended.stderr).toBe(0)
    await rig.publish({ force: true })
    await expectWholeRepos(rig)
  }
})

describe("a hub whose database is damaged", () => {
  it("is named with what to do, and nothing is published", async () => {
    rig.close()
    rig = await exportRig({ in: tmpdir() })
    await rig.publish()
    const before = contentOf(rig.tagDir())
    writeFileSync(join(rig.topdir, "hub.db"), "garbage ".repeat(5000))
    for (const suffix of ["-wal", "-shm"]) rmSync(join(rig.topdir, `hub.db${suffix}`), { force: true })
    expect(await failed("--force")).toMatch(/The hub in .* cannot be used: /)
    expect(contentOf(rig.tagDir())).toEqual(before)
  })
})
