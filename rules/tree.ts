import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { letterOf } from "../src/koji/topdir.ts"
import { fileName } from "../src/rpm/nevra.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { Rope } from "./rope.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

/** `Packages/<letter>`: the packages whose file names begin with it, in either case. */
const LetterDirectory = action("letter-directory", {
  version: 1,
  input: Schema.Struct({ letter: Schema.String, set: ChosenListDigest }),
  output: DigestOf(Directory),
  label: ({ letter }) => letter,
  run: ({ letter, set }) =>
    Effect.gen(function* () {
      const entries: Array<DirectoryEntry> = []
      for (const { chunk } of yield* readBlob(ChosenList, set)) {
        for (const rpm of yield* readBlob(ChosenChunk, chunk)) {
          const name = fileName(rpm)
          if (letterOf(name) === letter) entries.push({ name, type: "package", content: rpm.file })
        }
      }
      return yield* writeBlob(Directory, { entries })
    })
})

/** A file of `repodata/`, under the name that repomd.xml gives it. */
const NamedFile = Schema.Struct({ name: Schema.String, content: DigestOf(Rope) })

/** The directory of one repository, as Koji lays it out. Only the letters of changed chunks are listed anew. */
export const Tree = plan("tree", {
  version: 1,
  needs: [LetterDirectory],
  input: Schema.Struct({
    set: ChosenListDigest,
    pkglist: DigestOf(Rope),
    kojipkgs: DigestOf(Rope),
    repomd: DigestOf(Bytes),
    primary: NamedFile,
    filelists: NamedFile,
    other: NamedFile
  }),
  output: DigestOf(Directory),
  label: () => "",
  run: ({ kojipkgs, pkglist, repomd, set, ...metadata }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, set)
      const letters = [...new Set(list.flatMap((ref) => ref.letters))].sort()
      const sets = yield* Effect.forEach(letters, (letter) =>
        Effect.map(
          writeBlob(
            ChosenList,
            list.filter((ref) => ref.letters.includes(letter))
          ),
          (chunks) => ({ letter, set: chunks })
        )
      )
      const directories = yield* needAll(LetterDirectory, sets)
      const packages = letters.flatMap((name, index): ReadonlyArray<DirectoryEntry> => {
        const content = directories[index]
        return content === undefined ? [] : [{ name, type: "directory", content }]
      })
      const repodata: ReadonlyArray<DirectoryEntry> = [
        ...Object.values(metadata).map(({ content, name }): DirectoryEntry => ({ name, type: "rope", content })),
        { name: "repomd.xml", type: "file", content: repomd },
        ...(list.length > 0
          ? []
          : [{ name: "EMPTY_REPO", type: "file" as const, content: yield* writeBlob(Bytes, emptyRepo) }])
      ]
      const directory = (entries: ReadonlyArray<DirectoryEntry>) => writeBlob(Directory, { entries })
      return yield* directory([
        { name: "pkglist", type: "rope", content: pkglist },
        { name: "kojipkgs", type: "rope", content: kojipkgs },
        { name: "repodata", type: "directory", content: yield* directory(repodata) },
        ...(packages.length === 0
          ? []
          : [{ name: "Packages", type: "directory" as const, content: yield* directory(packages) }])
      ])
    })
})

/** What Koji leaves beside the metadata of an empty repository. */
const emptyRepo = Buffer.from("This repo is empty because its tag has no content for this arch\n")
