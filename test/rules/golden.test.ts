import { join } from "node:path"
import { Effect, Either } from "effect"
import { writeBlob } from "../../graph/index.ts"
import { AdditionalFile } from "../../rules/additional-file.ts"
import { AdditionalZchunk } from "../../rules/additional-zchunk.ts"
import { ArchSet } from "../../rules/arch-set.ts"
import { cutIntoChunks, writeChunks } from "../../rules/chunk-list.ts"
import { MetadataRows } from "../../rules/compress-group.ts"
import { Createrepo } from "../../rules/createrepo.ts"
import { Directory } from "../../rules/directory.ts"
import { DistRepo } from "../../rules/dist-repo.ts"
import { Groundwork } from "../../rules/groundwork.ts"
import { InternalRepo } from "../../rules/internal-repo.ts"
import { Listings } from "../../rules/listings.ts"
import { MetadataFile } from "../../rules/metadata-file.ts"
import { writeOlderList } from "../../rules/older-packages.ts"
import { PackageDirectory } from "../../rules/package-directory.ts"
import { Fragments, PackageMetadata } from "../../rules/package-metadata.ts"
import { Repomd } from "../../rules/repomd.ts"
import { Repository } from "../../rules/repository.ts"
import { Rope } from "../../rules/rope.ts"
import { ChosenChunk, type ChosenRpm, inPublishedOrder } from "../../rules/rpm-row.ts"
import { SetDeltas } from "../../rules/set-deltas.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { ChosenList, SignedLookup } from "../../rules/signed-lookup.ts"
import { writeSnapshot } from "../../rules/snapshot.ts"
import { Tree } from "../../rules/tree.ts"
import { ZchunkChunks } from "../../rules/zchunk-chunks.ts"
import { ZchunkFile } from "../../rules/zchunk-file.ts"
import { ZchunkParts } from "../../rules/zchunk-part.ts"
import { decodeFragments, encodeFragments } from "../../src/repodata/package-fragments.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { golden } from "../kit/golden.ts"
import {
  directory,
  externalRepos,
  internal,
  keys,
  limited,
  metadata,
  rows,
  rpmArches,
  snapshot,
  stamp,
  text,
  topdir
} from "./export-inputs.ts"
import { fixturePath } from "./fixture-rows.ts"

/** The fixtures of x86_64, signed by key A where they are. */
const set = Effect.suspend(() => {
  const chosen = rows
    .filter(({ arch }) => rpmArches.includes(arch))
    .map(({ primary, signatures, ...facts }): ChosenRpm => {
      const copy = signatures.find(({ sigkey }) => sigkey === fixtureKeys.a)?.copy
      return copy == null
        ? { ...facts, sigkey: null, file: primary, multilib: false }
        : { ...facts, sigkey: fixtureKeys.a, file: copy, multilib: false }
    })
  return Effect.flatMap(writeChunks(ChosenChunk, cutIntoChunks(inPublishedOrder(chosen))), (list) =>
    writeBlob(ChosenList, list)
  )
})
const emptySet = writeBlob(ChosenList, [])
const packages = Effect.flatMap(writeBlob(PackageDirectory, []), (content) =>
  writeBlob(Directory, { entries: [{ name: "a", type: "packages", content }] })
)
const rope = (words: string) => Effect.flatMap(text(words), (part) => writeBlob(Rope, [part]))
const repodata = Effect.flatMap(text("repomd"), (content) =>
  writeBlob(Directory, { entries: [{ name: "repomd.xml", type: "file", content }] })
)
const treeFiles = { pkglist: rope("pkglist"), kojipkgs: rope("kojipkgs"), repodata }

const groundwork = { arch: "x86_64", topdir, changelogLimit: 10 } as const

const file = join(import.meta.dirname, "rules.golden.json")
const common = { file, path: fixturePath }

golden({
  ...common,
  rule: SignedLookup,
  cases: {
    fixtures: Effect.map(snapshot, (digest) => ({ snapshot: digest, keys, missingSignatures: "allow", rpmArches })),
    skipping: Effect.map(snapshot, (digest) => ({ snapshot: digest, keys, missingSignatures: "skip", rpmArches })),
    nothing: Effect.map(writeSnapshot([]), (digest) => ({
      snapshot: digest,
      keys,
      missingSignatures: "fail",
      rpmArches
    }))
  }
})

golden({
  ...common,
  rule: ArchSet,
  cases: {
    x86_64: Effect.map(set, (chosen) => ({ chosen, arch: "x86_64", rpmArches })),
    noarch: Effect.map(set, (chosen) => ({ chosen, arch: "noarch", rpmArches: ["noarch"] }))
  }
})

golden({
  ...common,
  rule: PackageMetadata,
  cases: Object.fromEntries(
    rows.map((rpm) => [
      fileName(rpm),
      Effect.succeed({
        package: fileName(rpm),
        file: rpm.primary,
        sigmd5: rpm.payloadhash,
        signedWith: null,
        changelogLimit: 10
      })
    ])
  )
})

golden({
  ...common,
  rule: SetMetadata,
  cases: Object.fromEntries(
    (["gz", "zstd"] as const).flatMap((compression) => [
      [`x86_64, ${compression}`, Effect.map(set, (digest) => ({ set: digest, changelogLimit: 10, compression }))],
      [
        `no packages, ${compression}`,
        Effect.map(emptySet, (digest) => ({ set: digest, changelogLimit: 10, compression }))
      ]
    ])
  )
})

golden({
  ...common,
  rule: MetadataFile,
  cases: Object.fromEntries(
    (["primary", "filelists", "other"] as const).flatMap((kind) =>
      (["gz", "zstd"] as const).map((compression) => [
        `no ${kind}, ${compression}`,
        Effect.map(writeBlob(Rope, []), (groups) => ({
          [kind]: { groups, openSize: 0 },
          rpms: 0,
          compression,
          openChecksum: true
        }))
      ])
    )
  )
})

golden({
  ...common,
  rule: Repomd,
  cases: {
    "three files": Effect.succeed({
      files: {
        primary: { name: "a.xml", checksum: "a".repeat(64), size: 1, openSize: 2 },
        filelists: { name: "b.xml", checksum: "b".repeat(64), size: 3, openChecksum: "d".repeat(64), openSize: 4 },
        other_zck: {
          name: "c.zck",
          checksum: "c".repeat(64),
          size: 5,
          openSize: 6,
          headerChecksum: "e".repeat(64),
          headerSize: 7
        },
        primary_db: { name: "d.sqlite", checksum: "f".repeat(64), size: 8, databaseVersion: 10 }
      },
      stamp
    })
  }
})

golden({
  ...common,
  rule: Listings,
  cases: {
    x86_64: Effect.map(set, (digest) => ({ set: digest, topdir })),
    "debug information apart": Effect.map(set, (digest) => ({ set: digest, topdir, splitDebuginfo: "own" })),
    "debug information apart, as in Koji": Effect.map(set, (digest) => ({
      set: digest,
      topdir,
      splitDebuginfo: "koji"
    })),
    nothing: Effect.map(emptySet, (digest) => ({ set: digest, topdir }))
  }
})

golden({
  ...common,
  rule: Groundwork,
  cases: Object.fromEntries(
    (["gz", "zstd"] as const).flatMap((compression) => [
      [
        `x86_64, ${compression}`,
        Effect.map(set, (digest) => ({ ...groundwork, all: digest, set: digest, compression }))
      ],
      [
        `nothing, ${compression}`,
        Effect.map(emptySet, (digest) => ({ ...groundwork, all: digest, set: digest, compression }))
      ]
    ])
  )
})

golden({
  ...common,
  rule: Tree,
  cases: {
    "one letter": Effect.all({ packages, ...treeFiles }),
    nothing: Effect.all({ packages: writeBlob(Directory, { entries: [] }), ...treeFiles }),
    debug: Effect.all({ packages, ...treeFiles, debug: Effect.all({ pkglist: rope("../pkglist"), repodata }) }),
    "debug with packages": Effect.all({
      packages,
      ...treeFiles,
      debug: Effect.all({ packages, pkglist: rope("pkglist"), repodata })
    }),
    deltas: Effect.all({ packages, ...treeFiles, drpms: repodata })
  }
})

golden({
  ...common,
  rule: Repository,
  cases: {
    gz: Effect.map(set, (digest) => ({ arch: "x86_64", set: digest, topdir, stamp, compression: "gz", ...metadata })),
    zstd: Effect.map(set, (digest) => ({
      arch: "x86_64",
      set: digest,
      topdir,
      stamp,
      compression: "zstd",
      ...metadata
    })),
    zchunk: Effect.map(set, (digest) => ({
      arch: "x86_64",
      set: digest,
      topdir,
      stamp,
      compression: "gz",
      zchunk: { dictionaries: [] },
      ...metadata
    })),
    "with files that are limited to it": Effect.map(Effect.all([set, limited]), ([digest, files]) => ({
      arch: "x86_64",
      set: digest,
      topdir,
      stamp,
      compression: "gz",
      ...files,
      ...metadata
    }))
  }
})

golden({
  ...common,
  rule: DistRepo,
  cases: {
    "two arches": Effect.map(snapshot, (digest) => ({
      snapshot: digest,
      stamp,
      keys,
      missingSignatures: "allow",
      arches: [
        { arch: "aarch64", rpmArches: ["aarch64", "noarch"] },
        { arch: "x86_64", rpmArches }
      ],
      topdir,
      compression: "gz",
      ...metadata
    }))
  }
})

golden({
  ...common,
  rule: Createrepo,
  cases: {
    fixtures: Effect.map(directory(), (packages) => ({
      packages,
      compression: "gz" as const,
      additional: [],
      ...metadata
    })),
    "with databases": Effect.map(directory(), (packages) => ({
      packages,
      compression: "gz" as const,
      database: true as const,
      ...metadata
    })),
    // what the tool itself makes differs from machine to machine
    "with deltas of no package": Effect.all({
      packages: directory(),
      compression: Effect.succeed("gz" as const),
      deltas: Effect.all({
        older: Effect.all([directory()]),
        perRepository: Effect.succeed(1),
        maxInstalledSize: Effect.succeed(0),
        tool: Effect.succeed("none"),
        compression: Effect.succeed("gz" as const)
      }),
      changelogLimit: Effect.succeed(10),
      openChecksum: Effect.succeed(true)
    }),
    "with all that can be asked for": Effect.all({
      packages: directory(() => ({ href: "elsewhere.rpm", checksum: { type: "sha512", value: "ab" } })),
      compression: Effect.succeed("zstd" as const),
      base: Effect.succeed("http://example.org/"),
      checksumType: Effect.succeed("sha384" as const),
      changelogLimit: Effect.succeed(1),
      openChecksum: Effect.succeed(false),
      additional: Effect.map(text("<comps/>"), (content) => [
        { type: "group", name: "comps.xml", content, compression: null },
        { type: "group_gz", name: "comps.xml", content, compression: "gz" as const }
      ])
    })
  }
})

golden({
  ...common,
  rule: AdditionalFile,
  cases: Object.fromEntries(
    (["gz", "zstd", null] as const).map((compression) => [
      compression ?? "as it is",
      Effect.map(text("<comps/>"), (content) => ({ type: "group", content, compression }))
    ])
  )
})

golden({
  ...common,
  rule: SetDeltas,
  cases: {
    // what the tool itself makes differs from machine to machine
    "of no package": Effect.all({
      set,
      older: Effect.all([writeOlderList(rows.map(({ primary, ...rpm }) => ({ ...rpm, file: primary })))]),
      perRepository: Effect.succeed(1),
      maxInstalledSize: Effect.succeed(0),
      tool: Effect.succeed("none")
    })
  }
})

golden({
  ...common,
  rule: AdditionalZchunk,
  cases: {
    comps: Effect.map(text("<comps/>"), (content) => ({ type: "group_zck", content })),
    "in several chunks, with a dictionary": Effect.all({
      type: Effect.succeed("updateinfo_zck"),
      content: text(Array.from({ length: 9000 }, (_, at) => `<update id="${at}"/>\n`).join("")),
      dictionary: text('<update id="100"/>'),
      checksumType: Effect.succeed("sha512" as const)
    })
  }
})

/** A package whose texts are its name, in a chunk of three. */
const fragments = (name: string) =>
  writeBlob(
    Fragments,
    Either.getOrThrow(
      decodeFragments(
        encodeFragments({
          primary: [`<name>${name}</name>`, "", "<rpm:sourcerpm>s</rpm:sourcerpm>"],
          filelists: `<package name="${name}"/>`,
          other: `<package name="${name}">`,
          warnings: []
        })
      )
    )
  )
const chunkRows = Effect.flatMap(
  Effect.forEach(["a", "b", "c"], (name) =>
    Effect.map(fragments(name), (fragments) => ({ fragments, href: `${name}.rpm`, timeFile: 7 }))
  ),
  (rows) => writeBlob(MetadataRows, rows)
)

golden({
  ...common,
  rule: ZchunkChunks,
  cases: {
    "three packages": Effect.map(chunkRows, (rows) => ({ rows, first: "a", dictionaries: {} })),
    "with a dictionary": Effect.all({
      rows: chunkRows,
      first: Effect.succeed("a"),
      base: Effect.succeed("http://example.org/"),
      dictionaries: Effect.all({ filelists: text("<package name=") })
    })
  }
})

golden({
  ...common,
  rule: ZchunkFile,
  cases: {
    "no packages": Effect.map(writeBlob(ZchunkParts, []), (parts) => ({ kind: "primary" as const, rpms: 0, parts })),
    "one chunk": Effect.all({
      kind: Effect.succeed("other" as const),
      rpms: Effect.succeed(1),
      parts: Effect.flatMap(Effect.all({ stored: text("stored"), entries: text("entries") }), (part) =>
        writeBlob(ZchunkParts, [{ ...part, chunks: 1, openSize: 5 }])
      ),
      dictionary: text("dictionary"),
      checksumType: Effect.succeed("sha1" as const)
    })
  }
})

golden({
  ...common,
  rule: InternalRepo,
  cases: {
    "as it is usually": internal({}),
    "arches and src and debuginfo": internal({ arches: ["src", "x86_64"], src: true, debuginfo: true }),
    "with external repos": Effect.flatMap(externalRepos, (repos) =>
      internal({ external: { x86_64: { mode: "koji", origin: "file:///mnt/koji/", repos } } })
    )
  }
})
