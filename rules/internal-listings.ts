import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { rpmlistLine, toplinkHref } from "../src/koji/rpmlist.ts"
import { Rope } from "./rope.ts"
import { ChosenChunk, copyPath } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

const InternalListingsChunk = action("internal-listings-chunk", {
  version: 1,
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String }),
  output: Schema.Struct({ pkglist: DigestOf(Bytes), rpmlist: DigestOf(Bytes) }),
  label: ({ first }) => first,
  run: ({ chunk }) =>
    Effect.gen(function* () {
      const rpms = (yield* readBlob(ChosenChunk, chunk)).map((rpm) => ({ ...rpm, path: copyPath(rpm, null) }))
      const text = (lines: ReadonlyArray<string>) => writeBlob(Bytes, Buffer.from(lines.join("")))
      return {
        pkglist: yield* text(rpms.map(({ path }) => `${toplinkHref(path)}\n`)),
        rpmlist: yield* text(rpms.map(rpmlistLine))
      }
    })
})

/** Koji's `pkglist` and `rpmlist.jsonl` of one arch of an internal repo: only changed chunks are listed anew. */
export const InternalListings = plan("internal-listings", {
  version: 1,
  needs: [InternalListingsChunk],
  input: Schema.Struct({ set: ChosenListDigest }),
  output: Schema.Struct({ pkglist: DigestOf(Rope), rpmlist: DigestOf(Rope) }),
  label: () => "",
  run: ({ set }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, set)
      const chunks = yield* needAll(
        InternalListingsChunk,
        list.map(({ chunk, first }) => ({ chunk, first }))
      )
      return yield* Effect.all({
        pkglist: writeBlob(
          Rope,
          chunks.map(({ pkglist }) => pkglist)
        ),
        rpmlist: writeBlob(
          Rope,
          chunks.map(({ rpmlist }) => rpmlist)
        )
      })
    })
})
