import { createHash } from "node:crypto"
import { gunzipSync, zstdDecompressSync } from "node:zlib"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Blobs, Bytes, digestOf, type InputOf, type OutputOf } from "../../graph/index.ts"
import { Createrepo } from "../../rules/createrepo.ts"
import { type DirectoryPackage, writeDirectoryList } from "../../rules/directory-packages.ts"
import { Rope } from "../../rules/rope.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"

type Kit = ReturnType<typeof engineKit>

const rows: ReadonlyArray<DirectoryPackage> = fixtureRows().map((rpm) => {
  const path = fileName(rpm)
  return { path, href: path, file: rpm.primary, sigmd5: null, time: 7, checksum: null }
})

const inputOf = (
  kit: Kit,
  packages: ReadonlyArray<DirectoryPackage> = rows,
  over: Partial<InputOf<typeof Createrepo>> = {}
): InputOf<typeof Createrepo> => ({
  packages: Effect.runSync(
    Effect.provideService(writeDirectoryList(packages), Blobs, {
      read: (digest) => Effect.orDie(kit.store.blob(digest)),
      write: (bytes) => Effect.sync(() => kit.give(Bytes, bytes))
    })
  ),
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
