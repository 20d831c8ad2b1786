import { Effect, Schema } from "effect"
import { Bytes, DigestOf, plan, readBlob, writeBlob } from "../graph/index.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { Rope } from "./rope.ts"

/** A file of `repodata/`, under the name that repomd.xml gives it. */
const NamedFile = Schema.Struct({ name: Schema.String, content: DigestOf(Rope) })

/** The directory of one repository, as Koji lays it out. */
export const Tree = plan("tree", {
  version: 2,
  needs: [],
  input: Schema.Struct({
    /** The letter directories; empty where the repository is. */
    packages: DigestOf(Directory),
    pkglist: DigestOf(Rope),
    kojipkgs: DigestOf(Rope),
    repomd: DigestOf(Bytes),
    primary: NamedFile,
    filelists: NamedFile,
    other: NamedFile
  }),
  output: DigestOf(Directory),
  label: () => "",
  run: ({ kojipkgs, packages, pkglist, repomd, ...metadata }) =>
    Effect.gen(function* () {
      const isEmpty = (yield* readBlob(Directory, packages)).entries.length === 0
      const directory = (entries: ReadonlyArray<DirectoryEntry>) => writeBlob(Directory, { entries })
      const repodata = yield* directory([
        ...Object.values(metadata).map(({ content, name }): DirectoryEntry => ({ name, type: "rope", content })),
        { name: "repomd.xml", type: "file", content: repomd },
        ...(isEmpty ? [{ name: "EMPTY_REPO", type: "file" as const, content: yield* writeBlob(Bytes, emptyRepo) }] : [])
      ])
      return yield* directory([
        { name: "pkglist", type: "rope", content: pkglist },
        { name: "kojipkgs", type: "rope", content: kojipkgs },
        { name: "repodata", type: "directory", content: repodata },
        ...(isEmpty ? [] : [{ name: "Packages", type: "directory" as const, content: packages }])
      ])
    })
})

/** What Koji leaves beside the metadata of an empty repository. */
const emptyRepo = Buffer.from("This repo is empty because its tag has no content for this arch\n")
