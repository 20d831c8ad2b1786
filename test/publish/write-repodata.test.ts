import { createHash } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Bytes, hashOf, Store, withBlobs, writeBlob } from "../../graph/index.ts"
import { Rope } from "../../rules/index.ts"
import { type Repodata, removeUndone, writeRepodata } from "../../src/publish/write-repodata.ts"
import { openMemory } from "../kit/engine-stores.ts"

let directory: string
let aside: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "distgraph-repodata-"))
  aside = join(directory, "aside")
  mkdirSync(aside)
})
afterEach(() => rmSync(directory, { recursive: true }))

const { store } = openMemory()
const now = 1_700_000_000_000
const inRepodata = (name: string) => join(directory, "repodata", name)
const names = () => readdirSync(join(directory, "repodata")).sort()
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const sum = (digit: string) => digit.repeat(64)

const write = (files: Readonly<Record<string, string>>, over: Partial<Repodata> = {}) =>
  Effect.gen(function* () {
    const listed = yield* Effect.forEach(Object.entries(files), ([name, text]) =>
      Effect.gen(function* () {
        // of two parts, as files of metadata are
        const parts = yield* Effect.forEach([text.slice(0, 2), text.slice(2)], (part) =>
          writeBlob(Bytes, Buffer.from(part))
        )
        return { name, content: yield* writeBlob(Rope, parts), time: 1_600_000_000 }
      })
    )
    const repodata: Repodata = {
      files: listed,
      repomd: Buffer.from(`index of ${Object.keys(files).join(" ")}`),
      kept: new Set(),
      listedBefore: new Set(),
      retention: { kind: "unlisted" },
      drpms: { files: [], kept: new Set(), listedBefore: [] },
      ...over
    }
    yield* writeRepodata(directory, aside, repodata, now)
  }).pipe(withBlobs, Effect.provideService(Store, store))

describe("the metadata of a directory, written", () => {
  it("has its files, dated, and the index", async () => {
    await Effect.runPromise(write({ [`${sum("a")}-primary.xml.gz`]: "primary", "comps.xml": "groups" }))
    expect(names()).toEqual([`${sum("a")}-primary.xml.gz`, "comps.xml", "repomd.xml"])
    expect(readFileSync(inRepodata("comps.xml"), "utf8")).toBe("groups")
    expect(statSync(inRepodata("comps.xml")).mtimeMs).toBe(1_600_000_000_000)
    expect(readFileSync(inRepodata("repomd.xml"), "utf8")).toContain("index of")
  })

  it("keeps a file that is there under its checksum, and replaces one that is cut, or has no checksum in its name", async () => {
    const [kept, cut] = [`${sum("a")}-primary.xml.gz`, `${sum("b")}-other.xml.gz`]
    const files = { [kept]: "primary", [cut]: "others", "comps.xml": "groups" }
    await Effect.runPromise(write(files))
    const { ino } = statSync(inRepodata(kept))
    writeFileSync(inRepodata(cut), "oth")
    writeFileSync(inRepodata("comps.xml"), "GROUPS")
    utimesSync(inRepodata("comps.xml"), 1_600_000_000, 1_600_000_000)
    await Effect.runPromise(write(files))
    expect(statSync(inRepodata(kept)).ino).toBe(ino)
    expect([readFileSync(inRepodata(cut), "utf8"), readFileSync(inRepodata("comps.xml"), "utf8")]).toEqual([
      "others",
      "groups"
    ])
  })

  it("leaves what nothing listed and what stays listed, and removes what only the old index listed", async () => {
    mkdirSync(join(directory, "repodata/folder"), { recursive: true })
    for (const name of ["old.xml", "kept.xml", "foreign"]) writeFileSync(inRepodata(name), name)
    const listedBefore = new Set(["old.xml", "kept.xml"])
    await Effect.runPromise(write({ "new.xml": "new" }, { kept: new Set(["kept.xml"]), listedBefore }))
    expect(names()).toEqual(["folder", "foreign", "kept.xml", "new.xml", "repomd.xml"])
  })

  it("has its delta rpms beside it: those that are new, or that nothing vouches for", async () => {
    const drpm = (name: string, text: string) =>
      Effect.map(writeBlob(Bytes, Buffer.from(text)), (content) => {
        return { name, content, size: text.length, sha256: hashOf(content) }
      })
    const inDrpms = (name: string) => join(directory, "drpms", name)
    const publish = (texts: Readonly<Record<string, string>>, over: Partial<Repodata["drpms"]> = {}) =>
      Effect.gen(function* () {
        const entries = Object.entries(texts)
        const files = yield* withBlobs(Effect.forEach(entries, ([name, text]) => drpm(name, text)))
        yield* write({}, { drpms: { files, kept: new Set(), listedBefore: [], ...over } })
        rmSync(join(aside, "drpms"), { recursive: true, force: true })
        return files
      }).pipe(Effect.provideService(Store, store), Effect.runPromise)
    const listedBefore = await publish({ "a.drpm": "one", "b.drpm": "two", "c.drpm": "three" })
    writeFileSync(inDrpms("foreign.drpm"), "")
    const inode = statSync(inDrpms("a.drpm")).ino
    const cut = inDrpms("b.drpm")
    writeFileSync(cut, "t")
    await publish({ "a.drpm": "one", "b.drpm": "two" }, { listedBefore })
    expect(readdirSync(join(directory, "drpms")).sort()).toEqual(["a.drpm", "b.drpm", "foreign.drpm"])
    expect([statSync(inDrpms("a.drpm")).ino, readFileSync(cut, "utf8")]).toEqual([inode, "two"])
    // one of that name and size that the old repository did not list so
    await publish({ "a.drpm": "eno" }, { listedBefore: listedBefore.slice(0, 2), kept: new Set(["b.drpm"]) })
    expect([readFileSync(inDrpms("a.drpm"), "utf8"), existsSync(cut)]).toEqual(["eno", true])
    rmSync(inDrpms("foreign.drpm"))
    await publish({}, { listedBefore: listedBefore.slice(0, 2) })
    expect(existsSync(join(directory, "drpms"))).toBe(false)
  })

  it("is what it was where a file cannot be written", async () => {
    await Effect.runPromise(write({ "old.xml": "old" }))
    rmSync(aside, { recursive: true })
    const failed = await Effect.runPromise(Effect.flip(write({ "new.xml": "new" })))
    expect(failed.message).toContain("cannot be written: ENOENT")
    expect(names()).toEqual(["old.xml", "repomd.xml"])
    expect(readFileSync(inRepodata("repomd.xml"), "utf8")).toBe("index of old.xml")
  })
})

describe("what a killed process left undone", () => {
  it("is removed, but for what is listed, and nothing outside the folder", async () => {
    mkdirSync(join(directory, "repodata"))
    writeFileSync(join(directory, "outside"), "")
    for (const name of ["a", "b", "c", "repomd.xml"]) writeFileSync(inRepodata(name), "")
    const undone = "a\nb\nrepomd.xml\n../outside\ngone"
    await Effect.runPromise(removeUndone(directory, undone, new Set(["b"]), []))
    expect([names(), existsSync(join(directory, "outside"))]).toEqual([["b", "c", "repomd.xml"], true])
  })

  it("is removed of the delta rpms, but for those that are what is listed", async () => {
    for (const folder of ["repodata", "drpms"]) mkdirSync(join(directory, folder))
    const listed = ["a", "b"].map((text) => ({ name: `${text}.drpm`, size: 1, sha256: sha256(text) }))
    for (const [name, text] of Object.entries({ a: "a", b: "B", c: "c", d: "d" })) {
      writeFileSync(join(directory, "drpms", `${name}.drpm`), text)
    }
    writeFileSync(join(directory, "x.drpm"), "")
    const undone = ["a", "b", "c", "../x", "gone"].map((name) => `drpms/${name}.drpm`).join("\n")
    await Effect.runPromise(removeUndone(directory, undone, new Set(), listed))
    expect(readdirSync(join(directory, "drpms")).sort()).toEqual(["a.drpm", "d.drpm"])
    expect(existsSync(join(directory, "x.drpm"))).toBe(true)
  })
})
