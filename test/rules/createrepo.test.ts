import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Blobs, Bytes, digestOf, type InputOf, type OutputOf } from "../../graph/index.ts"
import { Createrepo } from "../../rules/createrepo.ts"
import { Directory } from "../../rules/directory.ts"
import { type DirectoryPackage, writeDirectoryList } from "../../rules/directory-packages.ts"
import { Rope } from "../../rules/rope.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const rows: ReadonlyArray<DirectoryPackage> = fixtureRows().map((rpm) => {
  const path = fileName(rpm)
  return { path, href: path, file: rpm.primary, sigmd5: null, time: 7, checksum: null }
})

const listOf = (kit: Kit, packages: ReadonlyArray<DirectoryPackage>) =>
  Effect.runSync(
    Effect.provideService(writeDirectoryList(packages), Blobs, {
      read: (digest) => Effect.orDie(kit.store.blob(digest)),
      write: (bytes) => Effect.sync(() => kit.give(Bytes, bytes))
    })
  )

const inputOf = (
  kit: Kit,
  packages: ReadonlyArray<DirectoryPackage> = rows,
  over: Partial<InputOf<typeof Createrepo>> = {}
): InputOf<typeof Createrepo> => ({
  packages: listOf(kit, packages),
  compression: "gz",
  changelogLimit: 10,
  openChecksum: true,
  additional: [],
  ...over
})

const bytesOf = (kit: Kit, { content }: OutputOf<typeof Createrepo>["files"][string]) =>
  Buffer.concat(kit.read(Rope, content).map((part) => kit.read(Bytes, part)))

const primaryOf = (kit: Kit, { files }: OutputOf<typeof Createrepo>): string => {
  const { primary } = files
  return primary === undefined ? "" : gunzipSync(bytesOf(kit, primary)).toString()
}

describe("the repository of a directory", () => {
  it("lists its packages by their paths, with the times of the files", async () => {
    const kit = engineKit({ path: fixturePath })
    const output = await kit.deterministic(Createrepo, inputOf(kit))
    expect([output.packages, output.broken]).toEqual([rows.length, []])
    const made = await kit.want(Createrepo, inputOf(kit))
    const primary = primaryOf(kit, made)
    expect(primary.match(/<time file="7"/g)).toHaveLength(rows.length)
    expect([...primary.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(
      rows.map(({ href }) => href).sort()
    )
  })

  it("has files whose checksums are true, of the type that is asked for", async () => {
    const kit = engineKit({ path: fixturePath })
    const content = kit.give(Bytes, Buffer.from("<comps/>"))
    const additional = [
      { type: "group", name: "comps.xml", content, compression: null },
      { type: "group_gz", name: "comps.xml", content, compression: "zstd" as const }
    ]
    for (const checksumType of ["sha224", "sha512", "sha"] as const) {
      const { files } = await kit.want(
        Createrepo,
        inputOf(kit, rows, { checksumType, additional, compression: "zstd" })
      )
      expect(Object.values(files).map(({ name }) => name)).toEqual([
        "primary.xml.zst",
        "filelists.xml.zst",
        "other.xml.zst",
        "comps.xml",
        "comps.xml.zst"
      ])
      for (const file of Object.values(files)) {
        const sum = (bytes: Uint8Array) =>
          createHash(checksumType === "sha" ? "sha1" : checksumType)
            .update(bytes)
            .digest("hex")
        const bytes = bytesOf(kit, file)
        expect([file.name, file.checksum, file.size]).toEqual([file.name, sum(bytes), bytes.length])
        if (file.name === "comps.xml") expect([file.openChecksum, file.openSize]).toEqual([undefined, undefined])
        else {
          const open = zstdDecompressSync(bytes)
          expect([file.openChecksum, file.openSize]).toEqual([sum(open), open.length])
        }
      }
    }
  })

  it("identifies packages by the checksum that is given, and says where they are fetched from", async () => {
    const kit = engineKit({ path: fixturePath })
    const [first] = rows
    if (first === undefined) throw new Error("no fixtures")
    const one = [{ ...first, checksum: { type: "sha512" as const, value: "abcd" } }]
    const primary = primaryOf(kit, await kit.want(Createrepo, inputOf(kit, one, { base: "/srv/pool" })))
    expect(primary).toContain('<checksum type="sha512" pkgid="YES">abcd</checksum>')
    expect(primary).toContain(`<location xml:base="file:///srv/pool" href="${first.path}"/>`)
  })

  it("leaves broken packages out, names them by path, and counts the rest", async () => {
    const broken = digestOf(Buffer.from("broken"))
    const here = new URL(import.meta.url).pathname
    const kit = engineKit({ path: (digest) => (digest === broken ? here : fixturePath(digest)) })
    const failed = await kit.failure(
      Createrepo,
      inputOf(kit, [
        ...rows,
        { ...rows[0], path: "sub/x.rpm", href: "x", file: broken, sigmd5: null, time: 1, checksum: null }
      ])
    )
    // a file of another size than its digest's is an accident, not a broken package
    expect(failed.message).toContain("where 6 were recorded")
    expect(failed.message).toContain("package-metadata sub/x.rpm")
  })

  it("does the work of one chunk where one package is another", async () => {
    const kit = engineKit({ path: fixturePath })
    await kit.want(
      Createrepo,
      inputOf(
        kit,
        rows.filter(({ path }) => path !== "hello-1.1-1.x86_64.rpm")
      )
    )
    kit.ran()
    await kit.want(Createrepo, inputOf(kit))
    expect(kit.ran()).toEqual([
      "compress-group primary+filelists+other clockwork",
      "createrepo",
      "directory-groups",
      "directory-run clockwork",
      "metadata-file filelists",
      "metadata-file primary+other",
      "metadata-files",
      "package-metadata hello-1.1-1.x86_64.rpm"
    ])
  })
})

describeWithTools("makedeltarpm", "applydeltarpm")("the delta rpms of a directory", () => {
  const without = (version: string) => rows.filter(({ path }) => !path.startsWith(`hello-${version}-`))
  /** With the 1.1 of hello, and deltas from directories of older packages, whose names say nothing. */
  const withDeltas = (kit: Kit, older: ReadonlyArray<ReadonlyArray<DirectoryPackage>>, packages = without("1.0")) =>
    inputOf(kit, packages, {
      deltas: {
        older: older.map((some) => listOf(kit, some)),
        perRepository: 1,
        maxInstalledSize: 100_000_000,
        tool: "the one on PATH",
        compression: "zstd"
      }
    })
  const unnamed = without("1.1").map((row, index) => ({ ...row, path: `${index}.rpm` }))
  const arches = ["aarch64", "src", "x86_64"]

  it("are made by what the packages are called, and listed in a file of their own", async () => {
    const kit = engineKit({ path: fixturePath })
    const { deltas, files } = await kit.deterministic(Createrepo, withDeltas(kit, [unnamed]))
    if (deltas === undefined) throw new Error("no deltas")
    const made = await kit.want(Createrepo, withDeltas(kit, [unnamed]))
    const { entries } = kit.read(Directory, made.deltas?.drpms ?? deltas.drpms)
    expect(entries.map(({ name }) => name).sort()).toEqual(arches.map((arch) => `hello-1.0-1_1.1-1.${arch}.drpm`))
    expect(files["prestodelta"]?.name).toBe("prestodelta.xml.zst")
    const list = made.files["prestodelta"]
    const xml = list === undefined ? "" : zstdDecompressSync(bytesOf(kit, list)).toString()
    expect([...xml.matchAll(/<filename>drpms\/(.*)</g)].map(([, name]) => name)).toEqual(
      entries.map(({ name }) => name).sort()
    )
    expect([deltas.impossible, deltas.unnamed]).toEqual([[], [[]]])
  })

  it("are made once, whatever else comes into the directory or its older ones", async () => {
    const kit = engineKit({ path: fixturePath })
    const less = ({ path }: DirectoryPackage) => !path.startsWith("weather-")
    await kit.want(
      Createrepo,
      withDeltas(kit, [unnamed.filter(({ path }) => path !== "0.rpm")], without("1.0").filter(less))
    )
    kit.ran()
    await kit.want(Createrepo, withDeltas(kit, [unnamed]))
    expect(kit.ran().filter((node) => node.startsWith("delta-rpm"))).toEqual([])
  })

  it("are not made from a package that is broken, which is told", async () => {
    const path = import.meta.filename
    const broken = { path, digest: digestOf(readFileSync(path)) }
    const kit = engineKit({ path: (digest) => (digest === broken.digest ? broken.path : fixturePath(digest)) })
    const row = { path: "sub/x.rpm", href: "x", file: broken.digest, sigmd5: null, time: 1, checksum: null }
    const { deltas } = await kit.want(Createrepo, withDeltas(kit, [[], [...unnamed, row]]))
    expect(deltas?.unnamed).toEqual([[], [{ package: "sub/x.rpm", reason: expect.any(String) }]])
  })
})
