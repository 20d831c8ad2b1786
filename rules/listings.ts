import { Effect, Schema } from "effect"
import { action, type DigestOf as BlobOf, Bytes, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { isDebuginfo } from "../src/koji/debuginfo.ts"
import { kojipkgsEntry, pkglistLine } from "../src/koji/kojipkgs.ts"
import { debugFolder, letterOf } from "../src/koji/topdir.ts"
import { lettersOf } from "./chunk-list.ts"
import { debugPrefix, SplitDebuginfo } from "./debug-layout.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { PackageDirectory, PackageFiles } from "./package-directory.ts"
import { Rope } from "./rope.ts"
import { ChosenChunk, type ChosenRpm, copyPath } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

const ListingOptions = {
  /** Absolute, for `_pkgpath`. */
  topdir: Schema.String,
  /** Debug information is listed apart, as it is in the sub-repository `debug`. */
  splitDebuginfo: SplitDebuginfo
}

/** What each of a chunk's letter directories has of it, in the order of the letters. */
const Letters = Schema.Array(Schema.Struct({ letter: Schema.String, files: DigestOf(PackageFiles) }))

const ListingsChunk = action("listings-chunk", {
  version: 4,
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String, ...ListingOptions }),
  output: Schema.Struct({
    pkglist: DigestOf(Bytes),
    debugPkglist: Schema.optionalWith(DigestOf(Bytes), { exact: true }),
    kojipkgs: DigestOf(Bytes),
    packages: Letters,
    /** Those that lie in the sub-repository. */
    debugPackages: Schema.optionalWith(Letters, { exact: true })
  }),
  label: ({ first }) => first,
  run: ({ chunk, splitDebuginfo, topdir }) =>
    Effect.gen(function* () {
      const rpms = (yield* readBlob(ChosenChunk, chunk)).map((rpm) => ({
        ...rpm,
        path: copyPath(rpm, rpm.sigkey),
        subrepo: splitDebuginfo !== undefined && isDebuginfo(rpm.name) ? debugFolder : null
      }))
      const entries = rpms.map((rpm) => kojipkgsEntry({ ...rpm, path: `${topdir}/${rpm.path}` }))
      const pkglist = (of: typeof rpms, prefix: "" | "../") =>
        writeBlob(Bytes, Buffer.from(of.map((rpm) => pkglistLine(rpm, prefix)).join("")))
      const [main, debug] = [
        rpms.filter(({ subrepo }) => subrepo === null),
        rpms.filter(({ subrepo }) => subrepo !== null)
      ]
      const isOwn = splitDebuginfo === "own" && debug.length > 0
      return {
        pkglist: yield* pkglist(main, ""),
        ...(debug.length === 0 ? {} : { debugPkglist: yield* pkglist(debug, debugPrefix(splitDebuginfo)) }),
        kojipkgs: yield* writeBlob(Bytes, Buffer.from(entries.join(entrySeparator))),
        packages: yield* lettersOfChunk(isOwn ? main : rpms),
        ...(isOwn ? { debugPackages: yield* lettersOfChunk(debug) } : {})
      }
    })
})

const lettersOfChunk = (rpms: ReadonlyArray<ChosenRpm & { readonly path: string }>) =>
  Effect.gen(function* () {
    const byLetter = Map.groupBy(rpms, ({ name }) => letterOf(name))
    return yield* Effect.forEach(lettersOf(rpms.map(({ name }) => name)), (letter) =>
      Effect.map(
        writeBlob(
          PackageFiles,
          (byLetter.get(letter) ?? []).map(({ file, path }) => ({ content: file, path }))
        ),
        (files) => ({ letter, files })
      )
    )
  })

/** What lists the packages of a repository, and has them. */
export const ListingFiles = {
  pkglist: DigestOf(Rope),
  debugPkglist: Schema.optionalWith(DigestOf(Rope), { exact: true }),
  kojipkgs: DigestOf(Rope),
  /** A directory of package files for each letter. */
  packages: DigestOf(Directory),
  /** The same of the sub-repository, where it has packages of its own. */
  debugPackages: Schema.optionalWith(DigestOf(Directory), { exact: true })
}

/** Koji's `pkglist`, `kojipkgs` and `Packages` of one repository: only changed chunks are listed anew. */
export const Listings = plan("listings", {
  version: 4,
  needs: [ListingsChunk],
  input: Schema.Struct({ set: ChosenListDigest, ...ListingOptions }),
  output: Schema.Struct(ListingFiles),
  label: () => "",
  run: ({ set, ...options }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, set)
      const chunks = yield* needAll(
        ListingsChunk,
        list.map(({ chunk, first }) => ({ chunk, first, ...options }))
      )
      const text = (words: string) => writeBlob(Bytes, Buffer.from(words))
      const separator = yield* text(entrySeparator)
      const entries = chunks.flatMap(
        ({ kojipkgs }, index): ReadonlyArray<BlobOf<Uint8Array>> => (index === 0 ? [kojipkgs] : [separator, kojipkgs])
      )
      const object = chunks.length === 0 ? [yield* text("{}")] : [yield* text("{\n"), ...entries, yield* text("\n}")]
      return {
        pkglist: yield* writeBlob(
          Rope,
          chunks.map(({ pkglist }) => pkglist)
        ),
        ...(options.splitDebuginfo === undefined
          ? {}
          : {
              debugPkglist: yield* writeBlob(
                Rope,
                chunks.flatMap(({ debugPkglist }) => debugPkglist ?? [])
              )
            }),
        kojipkgs: yield* writeBlob(Rope, object),
        packages: yield* packagesDirectory(chunks.flatMap(({ packages }) => packages)),
        ...(options.splitDebuginfo === "own"
          ? { debugPackages: yield* packagesDirectory(chunks.flatMap(({ debugPackages = [] }) => debugPackages)) }
          : {})
      }
    })
})

/** `Packages`: in each letter's directory the packages whose file names begin with it, in either case. */
const packagesDirectory = (runs: typeof Letters.Type) =>
  Effect.gen(function* () {
    const entries = yield* Effect.forEach(
      Map.groupBy(runs, ({ letter }) => letter),
      ([name, ofLetter]) =>
        Effect.map(
          writeBlob(
            PackageDirectory,
            ofLetter.map(({ files }) => files)
          ),
          (content): DirectoryEntry => ({ name, type: "packages", content })
        )
    )
    return yield* writeBlob(Directory, { entries })
  })

const entrySeparator = ",\n"
