import { Effect, Schema } from "effect"
import { DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { isDebuginfo } from "../src/koji/debuginfo.ts"
import { readChunkLines, writeDerivedLines } from "./chunk-lines.ts"
import { DerivedChunk, mapChunks } from "./chunk-list.ts"
import { nameIn } from "./rpm-line.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

/** A plan, as it reads only the list: a dry run gets past it. */
const DebuginfoSplitChunk = plan("debuginfo-split-chunk", {
  version: 1,
  needs: [],
  input: Schema.Struct({ chunk: DigestOf(ChosenChunk), first: Schema.String }),
  output: Schema.Struct({ main: DerivedChunk(ChosenChunk), debug: DerivedChunk(ChosenChunk) }),
  label: ({ first }) => first,
  run: ({ chunk }) =>
    Effect.gen(function* () {
      const rpms = Map.groupBy(yield* readChunkLines(chunk), (line) => isDebuginfo(nameIn(line)))
      return {
        main: yield* writeDerivedLines(ChosenChunk, rpms.get(false) ?? []),
        debug: yield* writeDerivedLines(ChosenChunk, rpms.get(true) ?? [])
      }
    })
})

/** The rpms of one arch, those of debug information apart: the repository, and its `debug` sub-repository. */
export const DebuginfoSplit = plan("debuginfo-split", {
  version: 1,
  needs: [DebuginfoSplitChunk],
  input: Schema.Struct({ set: ChosenListDigest }),
  output: Schema.Struct({
    main: ChosenListDigest,
    /** null where there are none. */ debug: Schema.NullOr(ChosenListDigest)
  }),
  label: () => "",
  run: ({ set }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(ChosenList, set)
      const chunks = yield* needAll(
        DebuginfoSplitChunk,
        list.map(({ chunk, first }) => ({ chunk, first }))
      )
      const part = (name: "main" | "debug") =>
        mapChunks(
          list,
          chunks.map((chunk) => chunk[name])
        )
      const debug = part("debug")
      return {
        main: yield* writeBlob(ChosenList, part("main")),
        debug: debug.length === 0 ? null : yield* writeBlob(ChosenList, debug)
      }
    })
})
