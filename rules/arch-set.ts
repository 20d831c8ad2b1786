import { Effect, Schema } from "effect"
import { DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { readChunkLines, writeDerivedLines } from "./chunk-lines.ts"
import { DerivedChunk, mapChunks } from "./chunk-list.ts"
import { isForArches, LimitedBuilds } from "./noarch-limits.ts"
import { archIn, buildIdIn } from "./rpm-line.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

const ArchSetOptions = {
  arch: Schema.String,
  rpmArches: Schema.Array(Schema.String),
  /** The builds whose noarch packages are not for all arches, where these are to be left out. */
  limits: Schema.optionalWith(DigestOf(LimitedBuilds), { exact: true })
}

/** A plan, as it reads only the list: a dry run gets past it. */
const ArchSetChunk = plan("arch-set-chunk", {
  version: 1,
  needs: [],
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String, ...ArchSetOptions }),
  output: DerivedChunk(ChosenChunk),
  label: ({ first }) => first,
  run: ({ arch, chunk, limits, rpmArches }) =>
    Effect.gen(function* () {
      const builds = limits === undefined ? [] : yield* readBlob(LimitedBuilds, limits)
      const byId = new Map(builds.map((build) => [build.buildId, build]))
      const isWanted = (line: string): boolean => {
        const build = byId.size > 0 && archIn(line) === "noarch" ? byId.get(buildIdIn(line)) : undefined
        return build === undefined || isForArches(build, [arch, ...rpmArches])
      }
      const rpms = (yield* readChunkLines(chunk)).filter((line) => rpmArches.includes(archIn(line)))
      return yield* writeDerivedLines(ChosenChunk, rpms.filter(isWanted))
    })
})

/** The rpms of one repository: those of the arches that belong to it, `noarch` among them (shared by all, chunk by chunk). */
export const ArchSet = plan("arch-set", {
  version: 1,
  needs: [ArchSetChunk],
  input: Schema.Struct({ chosen: ChosenListDigest, ...ArchSetOptions }),
  output: Schema.Struct({ set: ChosenListDigest, rpms: Schema.Int }),
  label: ({ arch }) => arch,
  run: ({ chosen, ...options }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, chosen)
      const chunks = yield* needAll(
        ArchSetChunk,
        list.map(({ chunk, first }) => ({ chunk, first, ...options }))
      )
      const set = mapChunks(list, chunks)
      return { set: yield* writeBlob(ChosenList, set), rpms: set.reduce((sum, { rpms }) => sum + rpms, 0) }
    })
})
