import { Effect, Schema } from "effect"
import { type DigestOf as BlobOf, Bytes, DigestOf, plan, readBlob, writeBlob } from "../graph/index.ts"
import { debugFolder } from "../src/koji/topdir.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { Rope } from "./rope.ts"

const Metadata = {
  repodata: DigestOf(Directory),
  /** Delta rpms, where there are some. */
  drpms: Schema.optionalWith(DigestOf(Directory), { exact: true })
}

/** The directory of one repository, as Koji lays it out but for the packages of debug information, where these are apart. */
export const Tree = plan("tree", {
  version: 4,
  needs: [],
  input: Schema.Struct({
    /** The letter directories; empty where the repository is. */
    packages: DigestOf(Directory),
    pkglist: DigestOf(Rope),
    kojipkgs: DigestOf(Rope),
    ...Metadata,
    /** The sub-repository of debug information; where it has no packages of its own they are among the others. */
    debug: Schema.optionalWith(
      Schema.Struct({
        packages: Schema.optionalWith(DigestOf(Directory), { exact: true }),
        pkglist: DigestOf(Rope),
        ...Metadata
      }),
      { exact: true }
    )
  }),
  output: DigestOf(Directory),
  label: () => "",
  run: ({ debug, drpms, kojipkgs, packages, pkglist, repodata }) =>
    Effect.gen(function* () {
      const isEmpty = (yield* readBlob(Directory, packages)).entries.length === 0
      return yield* directory([
        { name: "pkglist", type: "rope", content: pkglist },
        { name: "kojipkgs", type: "rope", content: kojipkgs },
        folder("repodata", isEmpty && debug === undefined ? yield* markedEmpty(repodata) : repodata),
        ...(isEmpty ? [] : [folder("Packages", packages)]),
        ...deltas(drpms),
        ...(debug === undefined
          ? []
          : [
              folder(
                debugFolder,
                yield* directory([
                  { name: "pkglist", type: "rope", content: debug.pkglist },
                  folder("repodata", debug.repodata),
                  ...(debug.packages === undefined ? [] : [folder("Packages", debug.packages)]),
                  ...deltas(debug.drpms)
                ])
              )
            ])
      ])
    })
})

const directory = (entries: ReadonlyArray<DirectoryEntry>) => writeBlob(Directory, { entries })

const folder = (name: string, content: BlobOf<Directory>): DirectoryEntry => ({ name, type: "directory", content })

const deltas = (drpms: BlobOf<Directory> | undefined): ReadonlyArray<DirectoryEntry> =>
  drpms === undefined ? [] : [folder("drpms", drpms)]

/** Metadata of no package at all, with Koji's mark of that. */
export const markedEmpty = (repodata: BlobOf<Directory>) =>
  Effect.gen(function* () {
    const { entries } = yield* readBlob(Directory, repodata)
    return yield* directory([
      ...entries,
      { name: "EMPTY_REPO", type: "file", content: yield* writeBlob(Bytes, emptyRepo) }
    ])
  })

/** What Koji leaves beside the metadata of an empty repository. */
const emptyRepo = Buffer.from("This repo is empty because its tag has no content for this arch\n")
