import { createHash } from "node:crypto"
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rpmNevras, runTool, sortedLines } from "../kit/clients.ts"
import { createrepo, createrepoCs, readWithLibrary } from "../kit/createrepo-c.ts"
import { type ExportRig, exportRig, rigBuilds } from "../kit/export-rig.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { addLargeTag, largeTagRequest } from "../kit/large-tag.ts"
import { describeWithTools, hasTool } from "../kit/oracle.ts"

const kinds = ["primary", "filelists", "other"] as const
type Kind = (typeof kinds)[number]

const compressions = ["gz", "zstd"] as const
type Compression = (typeof compressions)[number]

/** The repositories that are read: the fixtures, binary and source; nothing at all; 300 packages, in several members or frames. */
const places = ["demo x86_64", "demo aarch64", "demo src", "empty x86_64", "large x86_64"] as const

let rig: ExportRig
const repos = new Map<string, string>()

const creators = createrepoCs()

/** The directory of a published repository. */
const repository = (place: string, compression: Compression): string => {
  const [tag, arch = ""] = place.split(" ")
  return join(repos.get(`${tag} ${compression}`) ?? "", arch)
}

/** Its published packages, by path in it. */
const packagesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".rpm"))
    .sort()

const nevrasOf = (folder: string): Promise<ReadonlyArray<string>> =>
  rpmNevras(packagesOf(folder).map((path) => join(folder, path)))

/** The one file of a kind of metadata. */
const metadataFile = (folder: string, kind: Kind): string => {
  const names = readdirSync(join(folder, "repodata")).filter((name) => name.includes(`${kind}.xml`))
  expect(names).toHaveLength(1)
  return join(folder, "repodata", names[0] ?? "")
}

const document = (folder: string, kind: Kind): string => {
  const file = metadataFile(folder, kind)
  const bytes = readFileSync(file)
  return (file.endsWith(".gz") ? gunzipSync(bytes) : zstdDecompressSync(bytes)).toString()
}

beforeAll(async () => {
  rig = await exportRig({ builds: [...rigBuilds, "forecast-0.9^git20240131.abc1234-2", "scratchpad-0.1-1"] })
  await addLargeTag(rig)
  await rig.hub((hub) => hub.addTag("empty", { arches: "x86_64" }))
  const keys = [fixtureKeys.a, fixtureKeys.b]
  for (const compression of compressions) {
    const demo = { tag: "demo", keys, missingSignatures: "allow", withSrc: true } as const
    for (const request of [demo, { tag: "empty" }, largeTagRequest]) {
      const { repo } = await rig.publish({ ...request, compression })
      repos.set(`${request.tag} ${compression}`, repo.path)
    }
  }
})
afterAll(() => rig?.close())

describe.each(compressions)("metadata in %s", (compression) => {
  const [unpack, tools] = compression === "gz" ? ["gzip -dc", ["gzip"]] : ["zstd -dcq", ["zstd"]]

  describeWithTools("sha256sum", ...tools)("unpacked by the compressor's own tool", () => {
    it.each(places)("has the sums and sizes that repomd.xml tells, in %s", async (place) => {
      const folder = repository(place, compression)
      const repomd = readFileSync(join(folder, "repodata/repomd.xml"), "utf8")
      for (const kind of kinds) {
        const file = metadataFile(folder, kind)
        const script = `sha256sum <"$0"; wc -c <"$0"; ${unpack} "$0" | sha256sum; ${unpack} "$0" | wc -c`
        const { stdout } = await runTool("sh", ["-c", script, file])
        const [sum, size, openSum, openSize] = stdout.split("\n").map((line) => line.split(" ")[0])
        const record = new RegExp(`<data type="${kind}">.*?</data>`, "s").exec(repomd)?.[0]
        expect(record?.replaceAll(/\n */g, "").replace(/<timestamp>\d+<\/timestamp>/, "")).toBe(
          `<data type="${kind}"><checksum type="sha256">${sum}</checksum>` +
            `<open-checksum type="sha256">${openSum}</open-checksum>` +
            `<location href="repodata/${file.slice(file.lastIndexOf("/") + 1)}"/>` +
            `<size>${size}</size><open-size>${openSize}</open-size></data>`
        )
      }
    })

    it("is the same text, whatever it was packed with", () => {
      for (const place of places) {
        for (const kind of kinds) {
          expect(document(repository(place, compression), kind)).toBe(document(repository(place, "gz"), kind))
        }
      }
    })

    it("is in several parts where there are many packages", async () => {
      const file = metadataFile(repository("large x86_64", compression), "filelists")
      const listed = compression === "gz" ? "" : (await runTool("zstd", ["-lv", file])).stdout
      const bytes = readFileSync(file).toString("latin1")
      const parts =
        compression === "gz" ? bytes.split(bytes.slice(0, 10)).length - 1 : Number(/Frames: (\d+)/.exec(listed)?.[1])
      // more than the opening, one group, and the closing
      expect(parts).toBeGreaterThan(4)
    })
  })

  describeWithTools(
    "rpm",
    "repo2solv",
    "dumpsolv"
  )("read by libsolv", () => {
    it.each(places)("lists the packages of %s", async (place) => {
      const folder = repository(place, compression)
      const solv = join(rig.folder, "directory.solv")
      await runTool("repo2solv", ["-o", solv, folder])
      expect(solvables((await runTool("dumpsolv", [solv])).stdout)).toEqual(await nevrasOf(folder))
    })
  })

  describeWithTools(
    "rpm",
    "rpmmd2solv",
    "dumpsolv",
    ...tools
  )("unpacked for libsolv's rpmmd2solv", () => {
    it.each(places)("lists the packages of %s", async (place) => {
      const folder = repository(place, compression)
      const script = `${unpack} "$0" | rpmmd2solv >"$1" && dumpsolv "$1"`
      const solv = join(rig.folder, "primary.solv")
      const { stdout } = await runTool("sh", ["-c", script, metadataFile(folder, "primary"), solv])
      expect(solvables(stdout)).toEqual(await nevrasOf(folder))
    })
  })
})

/** The NEVRAs of a dump of a solv file. */
const solvables = (dump: string): ReadonlyArray<string> =>
  dump
    .split(/^(?=solvable:name: )/m)
    .slice(1)
    .map((solvable) => {
      const value = (key: string) => new RegExp(`^solvable:${key}: (.*)$`, "m").exec(solvable)?.[1] ?? ""
      const evr = value("evr")
      return `${value("name")}-${evr.includes(":") ? evr : `0:${evr}`}.${value("arch")}`
    })
    .sort()

describeWithTools("createrepo_c")("createrepo_c", () => {
  it("is on PATH", () => {
    expect(creators).not.toEqual([])
  })
})

if (!creators.some(({ knowsZstd }) => knowsZstd)) {
  describe("createrepo_c 1.0 or newer", () => {
    it.skip("is not compared with, for there is none on PATH", () => undefined)
  })
}

for (const creator of creators) {
  describe(`createrepo_c ${creator.version}`, () => {
    const readable = compressions.filter((compression) => compression === "gz" || creator.knowsZstd)

    const { mergerepo, python } = creator

    describe.skipIf(python === undefined || !hasTool("rpm"))("by its library", () => {
      it.each(readable)("lists what was published in %s", async (compression) => {
        for (const place of places) {
          const folder = repository(place, compression)
          const { packages, records } = await readWithLibrary(python ?? "", folder)
          expect(records).toEqual([...kinds])
          expect(packages.map(({ href }) => href).sort()).toEqual(packagesOf(folder))
          expect(packages.map(({ nevra }) => nevra).sort()).toEqual(await nevrasOf(folder))
          for (const { href, sha256, size } of packages) {
            const bytes = readFileSync(join(folder, href))
            const actual = createHash("sha256").update(bytes).digest("hex")
            expect([href, sha256, size]).toEqual([href, actual, bytes.length])
          }
        }
      })

      it.each(readable)(
        "finds in %s metadata the file lists and changelogs that rpm finds in the packages",
        async (compression) => {
          const folder = repository("demo x86_64", compression)
          for (const { changelogs, files, href } of (await readWithLibrary(python ?? "", folder)).packages) {
            const rpm = async (format: string) =>
              (await runTool("rpm", ["-qp", "--nosignature", "--qf", format, join(folder, href)])).stdout
            expect([href, [...files].sort()]).toEqual([href, sortedLines(await rpm("[%{FILENAMES}\\n]"))])
            const newestFirst = await rpm("[%{CHANGELOGNAME}\\n%{CHANGELOGTEXT}\\n\\n]")
            // without times: createrepo_c's rule moves entries of one time apart, by seconds
            const entries = changelogs.map(([author, , text]) => `${author}\n${text}\n\n`)
            expect([href, entries.toReversed().join("")]).toEqual([href, newestFirst])
          }
        }
      )
    })

    it.each(readable)(
      "makes the same documents from the same packages as were published in %s",
      async (compression) => {
        for (const place of places) {
          const folder = repository(place, compression)
          const made = join(rig.folder, "made", creator.version, compression, place)
          mkdirSync(made, { recursive: true })
          await createrepo(creator, compression, ["--quiet", "-o", made, folder])
          for (const kind of kinds) {
            expect(comparable(document(folder, kind))).toBe(comparable(document(made, kind)))
          }
        }
      }
    )

    it.each(readable)("reuses all that was published in %s, and writes the same again", async (compression) => {
      for (const place of places) {
        const folder = repository(place, compression)
        const copy = join(rig.folder, "updated", creator.version, compression, place)
        cpSync(folder, copy, { recursive: true })
        const { stderr } = await createrepo(creator, compression, ["--verbose", "--update", "--skip-stat", copy])
        expect(stderr.match(/CACHE HIT/g) ?? []).toHaveLength(packagesOf(folder).length)
        for (const kind of kinds) {
          expect(withRawAttributes(document(copy, kind))).toBe(document(folder, kind))
        }
      }
    })

    it.skipIf(mergerepo === undefined || !hasTool("rpm")).each(readable)(
      "merges repositories published in %s",
      async (compression) => {
        const merged = join(rig.folder, "merged", creator.version, compression)
        const from = [repository("demo x86_64", compression), repository("demo aarch64", compression)]
        const options = ["-r", from[0] ?? "", "-r", from[1] ?? "", "-o", merged]
        await runTool(mergerepo ?? "", ["--no-database", "--compress-type", "gz", ...options])
        const packages = document(merged, "primary").split("<package ").slice(1)
        const names = packages.map((element) => {
          const [, epoch, version, release] = /<version epoch="(.*?)" ver="(.*?)" rel="(.*?)"/.exec(element) ?? []
          const [, name, arch] = /<name>(.*?)<\/name>\s*<arch>(.*?)<\/arch>/.exec(element) ?? []
          return `${name}-${epoch}:${version}-${release}.${arch}`
        })
        const both = await Promise.all(from.map(nevrasOf))
        expect(names.sort()).toEqual([...new Set(both.flat())].sort())
      }
    )
  })
}

/** time/@file is the package's build time in ours, the time of the file in createrepo_c's. */
const comparable = (xml: string): string => withRawAttributes(xml.replace(/(<time file=")\d+/g, "$1"))

/** Where its libxml2 is older than 2.14, createrepo_c writes character references in attributes. Both are the same XML. */
const withRawAttributes = (xml: string): string =>
  xml.replace(/="[^"]*&#x[^"]*"/g, (value) =>
    value.replace(/&#x([0-9A-F]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
  )
