import { execFileSync } from "node:child_process"
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { Cause, Effect, Either, Exit, Fiber, FastCheck as fc } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { CreaterepoEvent } from "../../src/export/createrepo.ts"
import { noMetadata } from "../../src/export/given-metadata.ts"
import { readRepomd } from "../../src/repodata/read-repomd.ts"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { createrepoRig, longAgo, repodataOf } from "../kit/createrepo-rig.ts"
import { type FixtureCopy, fixture, fixtureNames } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { documentOf } from "../kit/package-elements.ts"
import { streamYaml } from "../repodata/modules/module-fixtures.ts"
import { advisoryXml, updatesXml } from "../repodata/updateinfo/updateinfo-fixtures.ts"

let rig: ReturnType<typeof createrepoRig>
beforeEach(() => {
  rig = createrepoRig()
})
afterEach(() => rig.close())

const indexOf = (directory: string) =>
  Either.getOrThrow(readRepomd(readFileSync(join(directory, "repodata/repomd.xml"))))

const hrefs = (directory: string) =>
  [...documentOf(directory, "primary").matchAll(/href="([^"]*)"/g)].map(([, href]) => href)

/** The content of the file of a type. */
const fileOf = (type: string): string => {
  const record = indexOf(rig.directory).records.find((each) => each.type === type)
  const stored = readFileSync(join(rig.directory, record?.href ?? ""))
  return (record?.href.endsWith(".gz") ? gunzipSync(stored) : stored).toString()
}

const hello = "hello-1.0-1.x86_64.rpm"
const weather = "weather-2.0~rc1-1.x86_64.rpm"

describe("createrepo", () => {
  it("writes a repository, and leaves it untouched where nothing changed", async () => {
    rig.place("a/one.rpm", hello)
    rig.place("two.rpm", weather)
    expect(await rig.make()).toMatchObject({ _tag: "Published", packages: 2, leftOut: [], hashed: 2, warnings: [] })
    expect(hrefs(rig.directory)).toEqual(["a/one.rpm", "two.rpm"])
    expect(indexOf(rig.directory).records.map(({ type }) => type)).toEqual(["primary", "filelists", "other"])
    const before = repodataOf(rig.directory)
    expect(await rig.make()).toMatchObject({ _tag: "Unchanged", packages: 2, hashed: 0 })
    expect(repodataOf(rig.directory)).toEqual(before)
    expect(readdirSync(rig.directory).sort()).toEqual(["a", "repodata", "two.rpm"])
  })

  it("clears what a killed one left while it gave its lock back, also where nothing changed", async () => {
    rig.place("one.rpm", hello)
    await rig.make()
    const traces = ["01234567-89ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdee"]
    const [locked = "", empty = ""] = traces.map((id) => join(rig.directory, `.repodata.${id}`))
    for (const folder of [locked, empty]) mkdirSync(folder)
    writeFileSync(join(locked, "distgraph.lock"), "")
    expect(await rig.make()).toMatchObject({ _tag: "Unchanged" })
    expect(readdirSync(rig.directory).sort()).toEqual(["one.rpm", "repodata"])
  })

  it("keeps the dates of files that stay, and dates new ones by the clock", async () => {
    rig.place("one.rpm", hello)
    await rig.make({ repomd: { ...rig.request.repomd, revision: "5", timestampToRevision: true } })
    expect(indexOf(rig.directory).records.map(({ timestamp }) => timestamp)).toEqual([5, 5, 5])
    // another time of a file changes primary.xml alone
    utimesSync(join(rig.directory, "one.rpm"), longAgo + 1, longAgo + 1)
    await rig.make()
    const [primary, ...others] = indexOf(rig.directory).records.map(({ timestamp }) => timestamp)
    expect(others).toEqual([5, 5])
    expect(primary).toBeGreaterThan(longAgo)
  })

  it("says which packages are broken or cannot be read, by path, and lists the others", async () => {
    rig.place("good.rpm", hello)
    mkdirSync(join(rig.directory, "sub"))
    writeFileSync(join(rig.directory, "sub/empty.rpm"), "")
    writeFileSync(join(rig.directory, "text.rpm"), "no package at all")
    const damaged = readFileSync(fixture("unsigned", weather))
    const { headerEnd } = Either.getOrThrow(readPackageHead(damaged))
    damaged.writeUInt8(damaged.readUInt8(headerEnd - 100) ^ 1, headerEnd - 100)
    writeFileSync(join(rig.directory, "damaged.rpm"), damaged)
    writeFileSync(join(rig.directory, "line\nfeed.rpm"), "")
    writeFileSync(Buffer.concat([Buffer.from(`${rig.directory}/latin-`), Buffer.from([0xe9]), Buffer.from(".rpm")]), "")
    const { leftOut, packages } = await rig.make()
    expect(packages).toBe(1)
    expect(leftOut.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      expect.stringMatching(/^damaged.rpm: its main header does not have the sha256 it says/),
      expect.stringMatching(/^latin-\ufffd.rpm: its path is not valid UTF-8/),
      expect.stringMatching(/^line\nfeed.rpm: its path has a control character/),
      expect.stringMatching(/^sub\/empty.rpm: /),
      expect.stringMatching(/^text.rpm: /)
    ])
    expect(hrefs(rig.directory)).toEqual(["good.rpm"])
    expect(documentOf(rig.directory, "primary")).toContain('packages="1"')
  })

  it("merges the module metadata that it finds and is given, which is then no package's", async () => {
    rig.place("one.rpm", hello)
    mkdirSync(join(rig.directory, "b"))
    writeFileSync(join(rig.directory, "b", "my.modulemd.yaml"), streamYaml({ name: "b" }))
    writeFileSync(join(rig.directory, "modules.yaml"), streamYaml({ rpms: ["not-here-0:1-1.noarch"] }))
    const given = join(rig.folder, "given.yaml")
    writeFileSync(given, streamYaml({ name: "c" }))
    expect(await rig.make({ given: { ...noMetadata, modules: [given] } })).toMatchObject({ packages: 1, warnings: [] })
    const modules = fileOf("modules")
    expect([...modules.matchAll(/^ {2}name: (.*)$/gm)].map(([, name]) => name)).toEqual(["a", "b", "c"])
    expect(modules).toContain("- not-here-0:1-1.noarch")
    expect((await rig.make({ given: { ...noMetadata, modules: [given] } }))._tag).toBe("Unchanged")
  })

  it("refuses module metadata that is unsound, by its place, and writes nothing", async () => {
    rig.place("one.rpm", hello)
    writeFileSync(join(rig.directory, "my.modulemd.yaml"), "document: modulemd\n")
    const refused = await Effect.runPromise(Effect.flip(rig.making()))
    expect(refused.message).toContain('my.modulemd.yaml cannot be used: document 1 (line 1): version is ""')
    expect(repodataOf(rig.directory).size).toBe(0)
    expect((await rig.make({ excludes: ["*.modulemd.yaml"] })).packages).toBe(1)
  })

  it("takes advisories about its packages, and other files as they are", async () => {
    rig.place("one.rpm", hello)
    const [updates, extra] = [join(rig.folder, "updates.xml"), join(rig.folder, "app.xml.gz")]
    const listed = { name: "hello", version: "1.0" }
    writeFileSync(updates, updatesXml(advisoryXml({ collections: [[listed]] }), advisoryXml({ id: "B" })))
    writeFileSync(extra, gzipSync("<app/>"))
    const given = {
      modules: [],
      updateinfo: [updates],
      extra: [
        { type: "appstream", path: extra, compressed: true },
        { type: "productid", path: updates, compressed: false }
      ]
    }
    expect((await rig.make({ given })).warnings).toEqual([
      "1 of 2 advisories left out, which are about no package of the repository"
    ])
    expect(indexOf(rig.directory).records.map(({ href, type }) => [type, href.replace(/^.*-/, "")])).toEqual([
      ["primary", "primary.xml.gz"],
      ["filelists", "filelists.xml.gz"],
      ["other", "other.xml.gz"],
      ["appstream", "app.xml.gz"],
      ["productid", "updates.xml"],
      ["updateinfo", "updateinfo.xml.gz"]
    ])
    expect(fileOf("appstream")).toBe("<app/>")
    expect(fileOf("updateinfo")).toContain('<package name="hello" version="1.0" release="1" epoch="0" arch="x86_64"/>')
  })

  it("names all given files that cannot be read", async () => {
    rig.place("one.rpm", hello)
    writeFileSync(join(rig.folder, "xz"), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]))
    const given = { modules: ["/nowhere/a"], updateinfo: [join(rig.folder, "xz")], extra: [] }
    const refused = await Effect.runPromise(Effect.flip(rig.making({ given })))
    expect(refused.message).toMatch(
      /^the file \/nowhere\/a cannot be used: ENOENT.*\nthe file .*xz cannot be used: it is compressed with xz, which is not read/
    )
  })

  it("refuses a directory, an output and a package list that are not there", async () => {
    const refusal = async (over: Parameters<typeof rig.making>[0]) =>
      (await Effect.runPromise(Effect.flip(rig.making(over)))).message
    expect(await refusal({ directory: "/nowhere" })).toBe("/nowhere is not a directory")
    expect(await refusal({ output: "/nowhere" })).toContain("the output directory /nowhere is not there")
    expect(await refusal({ pkglist: "/nowhere" })).toContain("the package list cannot be read")
  })

  it("takes a group file in, keeps it in later runs, and replaces or drops it when told", async () => {
    rig.place("one.rpm", hello)
    const types = () => indexOf(rig.directory).records.map(({ type }) => type)
    writeFileSync(join(rig.directory, "comps.xml"), "<comps><group/></comps>")
    await rig.make({ groupFile: "comps.xml" })
    expect(types()).toEqual(["primary", "filelists", "other", "group"])
    expect((await rig.make())._tag).toBe("Unchanged")
    rig.place("two.rpm", weather)
    await rig.make()
    expect(types()).toEqual(["primary", "filelists", "other", "group"])
    writeFileSync(join(rig.directory, "comps.xml"), "<comps/>")
    const records = [
      { type: "group", compression: null },
      { type: "group_gz", compression: "gz" }
    ] as const
    await rig.make({ groupFile: join(rig.directory, "comps.xml"), groupRecords: records })
    expect(types()).toEqual(["primary", "filelists", "other", "group", "group_gz"])
    expect([...repodataOf(rig.directory).values()]).toContain("<comps/>")
    await rig.make({ repomd: { ...rig.request.repomd, keepAdditional: false } })
    expect(types()).toEqual(["primary", "filelists", "other"])
    expect([...repodataOf(rig.directory).keys()]).toHaveLength(4)
  })

  it("refuses a group file that is no XML, or that would make entities expand", async () => {
    const refusal = async (text: string | Uint8Array) => {
      writeFileSync(join(rig.directory, "comps.xml"), text)
      return (await Effect.runPromise(Effect.flip(rig.making({ groupFile: "comps.xml" })))).message
    }
    expect(await refusal("<comps>")).toContain("is not well-formed XML")
    expect(await refusal("")).toContain("is not well-formed XML")
    expect(await refusal('<!DOCTYPE c [<!ENTITY a "aaaa">]><c>&a;</c>')).toContain("none of XML's own")
    expect(await refusal(Buffer.from("BZh91AY"))).toContain("compressed with bzip2")
    expect(repodataOf(rig.directory).size).toBe(0)
  })

  it("reads a file again that changed in place, though size and time are what they were", async () => {
    rig.place("one.rpm", hello)
    await rig.make()
    writeFileSync(join(rig.directory, "one.rpm"), readFileSync(fixture("key-a", hello)))
    utimesSync(join(rig.directory, "one.rpm"), longAgo, longAgo)
    expect(await rig.make()).toMatchObject({ _tag: "Published", hashed: 1 })
    expect(await rig.make({}, "fresh")).toMatchObject({ _tag: "Unchanged" })
  })

  it("does not read a file again to which a link was made, or whose mode changed", async () => {
    rig.place("one.rpm", hello)
    await rig.make()
    linkSync(join(rig.directory, "one.rpm"), join(rig.folder, "linked"))
    chmodSync(join(rig.directory, "one.rpm"), 0o600)
    expect(await rig.make()).toMatchObject({ _tag: "Unchanged", hashed: 0 })
    expect(await rig.make({ trust: "content" })).toMatchObject({ _tag: "Unchanged", hashed: 1 })
  })

  it("does not trust a file that changed in the last two seconds", async () => {
    rig.place("one.rpm", hello, "unsigned", Date.now() / 1000)
    await rig.make()
    expect(await rig.make()).toMatchObject({ _tag: "Unchanged", hashed: 1 })
  })

  it("does all its work again for a store that lost what it had, to the same bytes", async () => {
    rig.place("one.rpm", hello)
    await rig.make()
    const before = repodataOf(rig.directory)
    rmSync(join(rig.folder, "store"), { recursive: true })
    expect(await rig.make()).toMatchObject({ _tag: "Unchanged", hashed: 1 })
    expect(repodataOf(rig.directory)).toEqual(before)
  })

  it("writes missing and cut files of its metadata anew", async () => {
    rig.place("one.rpm", hello)
    await rig.make()
    const before = repodataOf(rig.directory)
    const [first = "", second = ""] = [...before.keys()]
    rmSync(join(rig.directory, "repodata", first))
    writeFileSync(join(rig.directory, "repodata", second), "cut")
    expect((await rig.make())._tag).toBe("Published")
    const after = repodataOf(rig.directory)
    expect([after.get(first), after.get(second)]).toEqual([before.get(first), before.get(second)])
  })

  it("replaces a repomd.xml that cannot be read, and removes nothing that it may have listed", async () => {
    rig.place("one.rpm", hello)
    mkdirSync(join(rig.directory, "repodata"))
    writeFileSync(join(rig.directory, "repodata/repomd.xml"), "<repomd><data")
    writeFileSync(join(rig.directory, "repodata/foreign"), "")
    const { warnings } = await rig.make()
    expect(warnings).toEqual([expect.stringContaining("the old repodata/repomd.xml cannot be read and is replaced")])
    expect(repodataOf(rig.directory).has("foreign")).toBe(true)
  })

  it("warns of a signature that its new repomd.xml makes stale", async () => {
    rig.place("one.rpm", hello)
    await rig.make()
    writeFileSync(join(rig.directory, "repodata/repomd.xml.asc"), "")
    expect((await rig.make()).warnings).toEqual([])
    rig.place("two.rpm", weather)
    expect((await rig.make()).warnings).toEqual([
      expect.stringContaining("repomd.xml.asc signs the repomd.xml that was")
    ])
  })

  it("passes over a folder that leads back to itself, and says so", async () => {
    rig.place("sub/one.rpm", hello)
    symlinkSync("..", join(rig.directory, "sub/up"))
    const { packages, warnings } = await rig.make()
    expect([packages, warnings]).toEqual([1, [expect.stringMatching(/^sub\/up\/ leads back/)]])
  })

  it("fails without a trace in the repository where a package changes between being read and being listed", async () => {
    rig.place("one.rpm", hello)
    const change = (event: CreaterepoEvent): void => {
      if (event._tag === "Started" && event.rule === "package-metadata")
        rig.place("one.rpm", weather, "unsigned", longAgo + 9)
    }
    const failed = await Effect.runPromise(Effect.flip(rig.making({}, "store", change)))
    expect(failed.message).toContain("one.rpm changed after it was read; run again")
    expect(repodataOf(rig.directory).size).toBe(0)
    expect(await rig.make()).toMatchObject({ _tag: "Published", packages: 1 })
  })

  it("ends at once where it is interrupted, and leaves the repository as it was", async () => {
    for (const name of fixtureNames("unsigned")) rig.place(name, name)
    const begun = Promise.withResolvers<void>()
    const onEvent = (event: CreaterepoEvent): void => {
      if (event._tag === "Started") begun.resolve()
    }
    const fiber = Effect.runFork(rig.making({}, "store", onEvent))
    await begun.promise
    const exit = await Effect.runPromise(Fiber.interrupt(fiber))
    expect(Exit.isFailure(exit) && Cause.isInterrupted(exit.cause)).toBe(true)
    expect(repodataOf(rig.directory).size).toBe(0)
    expect((await rig.make()).packages).toBe(fixtureNames("unsigned").length)
  })
})

describe("createrepo after changes", () => {
  const paths = ["a.rpm", "b.rpm", "sub/a.rpm", "sub/c.rpm", "deep/er/z.rpm", "hello-1.0-1.x86_64.rpm"] as const
  const step = fc.oneof(
    fc.record({
      does: fc.constant("place" as const),
      path: fc.constantFrom(...paths),
      name: fc.constantFrom(hello, weather, "demo-release-42-1.noarch.rpm", "hello-1.1-1.x86_64.rpm"),
      copy: fc.constantFrom<FixtureCopy>("unsigned", "key-a", "key-b"),
      time: fc.integer({ min: 0, max: 3 })
    }),
    fc.record({
      does: fc.constantFrom("remove" as const, "touch" as const, "link" as const),
      path: fc.constantFrom(...paths)
    }),
    fc.record({ does: fc.constant("move" as const), path: fc.constantFrom(...paths), to: fc.constantFrom(...paths) }),
    fc.record({ does: fc.constant("break" as const), path: fc.constantFrom(...paths) })
  )
  type Step = typeof step extends fc.Arbitrary<infer A> ? A : never

  const take = (at: ReturnType<typeof createrepoRig>, change: Step): void => {
    const path = join(at.directory, change.path)
    const isThere = (name: string) => readdirSync(at.directory, { recursive: true, encoding: "utf8" }).includes(name)
    if (change.does === "place") {
      const isSigned = fixtureNames(change.copy).includes(change.name)
      at.place(change.path, change.name, isSigned ? change.copy : "unsigned", longAgo + change.time)
      return
    }
    if (change.does === "break") {
      mkdirSync(join(path, ".."), { recursive: true })
      writeFileSync(path, "broken")
    }
    if (!isThere(change.path)) return
    if (change.does === "remove") rmSync(path)
    if (change.does === "touch") utimesSync(path, longAgo + 7, longAgo + 7)
    if (change.does === "link") linkSync(path, join(at.folder, `${Math.random()}`))
    if (change.does === "move") {
      mkdirSync(join(at.directory, change.to, ".."), { recursive: true })
      renameSync(path, join(at.directory, change.to))
    }
  }

  const variants = [
    {},
    { compression: "zstd" },
    { checksumType: "sha512", openChecksum: false },
    { base: "http://example.org/", location: { cutDirs: 1, prefix: "p" } },
    { excludes: ["deep"] }
  ] as const

  it("is byte for byte what an empty store makes of the directory", { timeout: 120_000 }, async () => {
    const steps = fc.array(fc.tuple(step, fc.constantFrom(...variants)), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const at = createrepoRig()
        try {
          for (const [index, [change, variant]] of history.entries()) {
            take(at, change)
            const repomd = { ...at.request.repomd, revision: "1700000000", timestampToRevision: true }
            const over = { ...variant, repomd }
            const warm = await at.make(over)
            const output = join(at.folder, `fresh-${index}`)
            mkdirSync(output)
            const cold = await at.make({ ...over, output }, `store-${index}`)
            expect(repodataOf(at.directory)).toEqual(repodataOf(output))
            expect([warm.leftOut, warm.packages]).toEqual([cold.leftOut, cold.packages])
          }
        } finally {
          at.close()
        }
      }),
      { numRuns: 25, endOnFailure: true }
    )
  })
})

describeWithTools("makedeltarpm", "applydeltarpm")("createrepo, with delta rpms", () => {
  const deltasOf = (...older: ReadonlyArray<string>) => ({
    older: older.map((name) => join(rig.folder, name)),
    perRepository: 1,
    maxInstalledSize: 100_000_000,
    compression: "gz" as const
  })
  const older = (folder: string, ...files: ReadonlyArray<string>): void => {
    mkdirSync(join(rig.folder, folder), { recursive: true })
    for (const file of files) {
      cpSync(fixture("unsigned", file), join(rig.folder, folder, file))
      utimesSync(join(rig.folder, folder, file), longAgo, longAgo)
    }
  }
  const drpms = () => (existsSync(inDrpms("")) ? readdirSync(inDrpms("")).sort() : null)
  const inDrpms = (name: string): string => join(rig.directory, "drpms", name)
  const listed = () => [...fileOf("prestodelta").matchAll(/<filename>drpms\/(.*)</g)].map(([, name]) => name)
  const delta = "hello-1.0-1_1.1-1.x86_64.drpm"

  beforeEach(() => {
    rig.place("hello.rpm", "hello-1.1-1.x86_64.rpm")
    older("old", hello)
  })

  it("publishes them beside the metadata, and leaves all untouched where nothing changed", async () => {
    const made = await rig.make({ deltas: deltasOf("old") })
    expect(made).toMatchObject({ _tag: "Published", packages: 1, hashed: 2, warnings: [] })
    expect([drpms(), listed()]).toEqual([[delta], [delta]])
    const rebuilt = join(rig.folder, "rebuilt.rpm")
    execFileSync("applydeltarpm", ["-r", join(rig.folder, "old", hello), inDrpms(delta), rebuilt])
    expect(readFileSync(rebuilt).equals(readFileSync(join(rig.directory, "hello.rpm")))).toBe(true)
    const { ino, mtimeMs } = statSync(inDrpms(delta))
    expect(await rig.make({ deltas: deltasOf("old") })).toMatchObject({ _tag: "Unchanged", hashed: 0 })
    rig.place("weather.rpm", weather)
    expect(await rig.make({ deltas: deltasOf("old") })).toMatchObject({ _tag: "Published" })
    expect(statSync(inDrpms(delta))).toMatchObject({ ino, mtimeMs })
  })

  it("makes one anew that is gone or cut", async () => {
    await rig.make({ deltas: deltasOf("old") })
    const whole = readFileSync(inDrpms(delta))
    for (const damage of [() => rmSync(inDrpms(delta)), () => truncateSync(inDrpms(delta), 9)]) {
      damage()
      expect(await rig.make({ deltas: deltasOf("old") })).toMatchObject({ _tag: "Published" })
      expect(readFileSync(inDrpms(delta)).equals(whole)).toBe(true)
    }
  })

  it("removes those that are listed no more, and no others", async () => {
    await rig.make({ deltas: deltasOf("old") })
    rmSync(join(rig.folder, "old", hello))
    await rig.make({ deltas: deltasOf("old") })
    expect([drpms(), listed()]).toEqual([null, []])
    older("old", hello)
    await rig.make({ deltas: deltasOf("old") })
    writeFileSync(inDrpms("foreign.drpm"), "")
    rig.place("hello.rpm", hello)
    await rig.make({ deltas: deltasOf("old") })
    expect([drpms(), listed()]).toEqual([["foreign.drpm"], []])
  })

  it("keeps them with their list where none are asked for, and drops them with it", async () => {
    await rig.make({ deltas: deltasOf("old") })
    rig.place("weather.rpm", weather)
    await rig.make()
    expect([drpms(), listed()]).toEqual([[delta], [delta]])
    await rig.make({ repomd: { ...rig.request.repomd, keepAdditional: false } })
    expect(drpms()).toBe(null)
    expect(indexOf(rig.directory).records.map(({ type }) => type)).toEqual(["primary", "filelists", "other"])
  })

  it("finds older packages in folders of folders, by what is in them, also broken ones", async () => {
    older("older/a/b", hello)
    renameSync(join(rig.folder, "older/a/b", hello), join(rig.folder, "older/a/b/any.rpm"))
    writeFileSync(join(rig.folder, "older/broken.rpm"), "no package")
    const { leftOut, warnings } = await rig.make({ deltas: deltasOf("older") })
    expect(listed()).toEqual([delta])
    const path = join(rig.folder, "older/broken.rpm")
    expect([leftOut, warnings]).toEqual([[], [expect.stringContaining(`no delta is made from ${path}: `)]])
  })

  it("fails where a folder of older packages is not there, for its deltas would go", async () => {
    await rig.make({ deltas: deltasOf("old") })
    const failed = await Effect.runPromise(Effect.flip(rig.making({ deltas: deltasOf("old", "gone", "lost") })))
    expect(failed.message.split("\n")).toEqual(
      ["gone", "lost"].map(
        (name) => `the directory of older packages ${join(rig.folder, name)} is not there; make it first`
      )
    )
    expect(drpms()).toEqual([delta])
  })
})
