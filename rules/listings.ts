import { Effect, Schema } from "effect"
import { action, type DigestOf as BlobOf, Bytes, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { kojipkgsEntry, pkglistLine } from "../src/koji/kojipkgs.ts"
import { Rope } from "./rope.ts"
import { ChosenChunk, copyPath } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

const ListingsChunk = action("listings-chunk", {
  version: 1,
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String, topdir: Schema.String }),
  output: Schema.Struct({ pkglist: DigestOf(Bytes), kojipkgs: DigestOf(Bytes) }),
  label: ({ first }) => first,
  run: ({ chunk, topdir }) =>
    Effect.gen(function* () {
      const rpms = yield* readBlob(ChosenChunk, chunk)
      const entries = rpms.map((rpm) => kojipkgsEntry({ ...rpm, path: `${topdir}/${copyPath(rpm, rpm.sigkey)}` }))
      return {
        pkglist: yield* writeBlob(Bytes, Buffer.from(rpms.map(pkglistLine).join(""))),
        kojipkgs: yield* writeBlob(Bytes, Buffer.from(entries.join(entrySeparator)))
      }
    })
})

/** Koji's `pkglist` and `kojipkgs` of one repository, as ropes: only changed chunks are written anew. */
export const Listings = plan("listings", {
  version: 1,
  needs: [ListingsChunk],
  input: Schema.Struct({ set: ChosenListDigest, /** Absolute, for `_pkgpath`. */ topdir: Schema.String }),
  output: Schema.Struct({ pkglist: DigestOf(Rope), kojipkgs: DigestOf(Rope) }),
  label: () => "",
  run: ({ set, topdir }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, set)
      const chunks = yield* needAll(
        ListingsChunk,
        list.map(({ chunk, first }) => ({ chunk, first, topdir }))
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
        kojipkgs: yield* writeBlob(Rope, object)
      }
    })
})

const entrySeparator = ",\n"
