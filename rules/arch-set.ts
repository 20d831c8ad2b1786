import { Effect, Schema } from "effect"
import { DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { DerivedChunk, mapChunks, writeDerivedChunk } from "./chunk-list.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

/** A plan, as it reads only the list: a dry run gets past it. */
const ArchSetChunk = plan("arch-set-chunk", {
  version: 1,
  needs: [],
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String, rpmArches: Schema.Array(Schema.String) }),
  output: DerivedChunk(ChosenChunk),
  label: ({ first }) => first,
  run: ({ chunk, rpmArches }) =>
    Effect.flatMap(readBlob(ChosenChunk, chunk), (rpms) =>
      writeDerivedChunk(
        ChosenChunk,
        rpms.filter(({ arch }) => rpmArches.includes(arch))
      )
    )
})

/** The rpms of one repository: those of the arches that belong to it, `noarch` among them (shared by all, chunk by chunk). */
export const ArchSet = plan("arch-set", {
  version: 1,
  needs: [ArchSetChunk],
  input: Schema.Struct({ chosen: ChosenListDigest, arch: Schema.String, rpmArches: Schema.Array(Schema.String) }),
  output: Schema.Struct({ set: ChosenListDigest, rpms: Schema.Int }),
  label: ({ arch }) => arch,
  run: ({ chosen, rpmArches }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, chosen)
      const chunks = yield* needAll(
        ArchSetChunk,
        list.map(({ chunk, first }) => ({ chunk, first, rpmArches }))
      )
      const set = mapChunks(list, chunks)
      return { set: yield* writeBlob(ChosenList, set), rpms: set.reduce((sum, { rpms }) => sum + rpms, 0) }
    })
})
