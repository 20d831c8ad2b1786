import { Effect, Schema } from "effect"
import { DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { canonArch } from "../src/koji/arch.ts"
import { isDebuginfo } from "../src/koji/debuginfo.ts"
import { DerivedChunk, mapChunks, writeDerivedChunk } from "./chunk-list.ts"
import { ChosenChunk, type ChosenRpm, TaggedChunk, type TaggedRpm } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"
import { Snapshot, SnapshotDigest } from "./snapshot.ts"

/** Which rpms an internal repo has beside the binary ones of its arches. */
export const InternalContent = {
  /** Source packages, in the repository of each arch. */
  src: Schema.optionalWith(Schema.Literal(true), { exact: true }),
  debuginfo: Schema.optionalWith(Schema.Literal(true), { exact: true })
}

/** A repo's arch; `src` has the source packages. */
const SetOptions = { arch: Schema.String, ...InternalContent }

/** A plan, as it reads only the list: a dry run gets past it. */
const InternalSetChunk = plan("internal-set-chunk", {
  version: 1,
  needs: [],
  input: Schema.Struct({ chunk: DigestOf(TaggedChunk), first: Schema.String, ...SetOptions }),
  output: DerivedChunk(ChosenChunk),
  label: ({ first }) => first,
  run: ({ chunk, first: _, ...options }) =>
    Effect.gen(function* () {
      const rpms = (yield* readBlob(TaggedChunk, chunk)).filter((rpm) => belongsIn(rpm, options))
      return yield* writeDerivedChunk(ChosenChunk, rpms.map(primaryCopy))
    })
})

/** The rpms of one arch of an internal repo, chunk by chunk: always the primary copies, signed or not. */
export const InternalSet = plan("internal-set", {
  version: 1,
  needs: [InternalSetChunk],
  input: Schema.Struct({ snapshot: SnapshotDigest, ...SetOptions }),
  output: Schema.Struct({ set: ChosenListDigest, rpms: Schema.Int }),
  label: ({ arch }) => arch,
  run: ({ snapshot, ...options }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(Snapshot, snapshot)
      const chunks = yield* needAll(
        InternalSetChunk,
        list.map(({ chunk, first }) => ({ chunk, first, ...options }))
      )
      const set = mapChunks(list, chunks)
      return { set: yield* writeBlob(ChosenList, set), rpms: set.reduce((sum, { rpms }) => sum + rpms, 0) }
    })
})

/** Each rpm once: with both of its options Koji lists source packages twice in `src`. Source: Koji's repo_init. */
const belongsIn = (
  rpm: TaggedRpm,
  { arch, debuginfo, src }: { readonly arch: string; readonly debuginfo?: true; readonly src?: true }
): boolean => {
  if (debuginfo === undefined && isDebuginfo(rpm.name)) return false
  if (rpm.arch === "src") return arch === "src" || src === true
  return rpm.arch === "noarch" ? arch !== "src" : canonArch(rpm.arch) === arch
}

const primaryCopy = ({ primary, signatures: _, ...facts }: TaggedRpm): ChosenRpm => ({
  ...facts,
  sigkey: null,
  file: primary,
  multilib: false
})
