import { Effect, Schema } from "effect"
import { type Blobs, type Difference, DigestOf, writeBlob } from "../graph/index.ts"
import { nvra } from "../src/rpm/nevra.ts"
import { chunkList, cutting, type EncodedChunk, encodeChunk, writeEncoded } from "./chunk-list.ts"
import { buildNvr, inPublishedOrder, TaggedChunk, type TaggedRpm } from "./rpm-row.ts"

/** A tag's content at one moment: all its rpms, with all their copies, in published order. */
export const Snapshot = chunkList(TaggedChunk, buildDifferences)
export const SnapshotDigest = DigestOf(Snapshot)

/** The newest event that touched a content, with its time in Unix seconds. Only what carries a date may look at it. */
export const Stamp = Schema.Struct({ event: Schema.Int, time: Schema.Int })
export type Stamp = typeof Stamp.Type

/** Stores a tag's content. The rows may come in any order; equal contents give equal digests. */
export const writeSnapshot = (
  rpms: ReadonlyArray<TaggedRpm>
): Effect.Effect<typeof SnapshotDigest.Type, never, Blobs> =>
  writeEncodedSnapshot(encodeSnapshot(inPublishedOrder(rpms)))

/** A tag's content as the bytes of its chunks, which take a third of the memory of its rows. */
export type EncodedSnapshot = ReadonlyArray<EncodedChunk<TaggedRpm>>

/** The rows come in published order, and are not needed any more after their chunk. */
export const encodeSnapshot = (rpms: Iterable<TaggedRpm>): EncodedSnapshot =>
  Array.from(cutting(rpms), (cut) => encodeChunk(TaggedChunk, cut))

/** The same as {@link writeSnapshot} does, in two steps. */
export const writeEncodedSnapshot = (
  chunks: EncodedSnapshot
): Effect.Effect<typeof SnapshotDigest.Type, never, Blobs> =>
  Effect.flatMap(Effect.forEach(chunks, writeEncoded), (list) => writeBlob(Snapshot, list))

/** What changed between two contents, build by build: what a person who tags builds would say. */
function buildDifferences(
  before: ReadonlyArray<TaggedRpm>,
  after: ReadonlyArray<TaggedRpm>
): ReadonlyArray<Difference> {
  const old = byBuild(before)
  const now = byBuild(after)
  const gone = [...old.values()].filter(({ nvr }) => !now.has(nvr))
  const come = [...now.values()].filter(({ nvr }) => !old.has(nvr))
  const alone = (name: string, builds: ReadonlyArray<TaggedBuild>) => {
    const same = builds.filter((build) => build.name === name)
    return same.length === 1 ? same[0] : undefined
  }
  const replaced = come.flatMap((build) => {
    const was = alone(build.name, gone)
    return was === undefined || alone(build.name, come) === undefined ? [] : [{ was, build }]
  })
  const paired = new Set(replaced.flatMap(({ build, was }) => [build.nvr, was.nvr]))
  const rpmCount = ({ rpms }: TaggedBuild) => `${rpms.length} rpm${rpms.length === 1 ? "" : "s"}`
  return [
    ...replaced.map(({ build, was }): Difference => {
      return { kind: "replaced", subject: build.name, before: was.nvr, after: build.nvr, detail: rpmCount(build) }
    }),
    ...come
      .filter(({ nvr }) => !paired.has(nvr))
      .map((build): Difference => ({ kind: "added", subject: build.name, after: build.nvr, detail: rpmCount(build) })),
    ...gone
      .filter(({ nvr }) => !paired.has(nvr))
      .map(
        (build): Difference => ({ kind: "removed", subject: build.name, before: build.nvr, detail: rpmCount(build) })
      ),
    ...[...now.values()].flatMap((build) => {
      const was = old.get(build.nvr)
      return was === undefined ? [] : copyDifferences(was, build)
    })
  ]
}

interface TaggedBuild {
  readonly nvr: string
  readonly name: string
  readonly rpms: ReadonlyArray<TaggedRpm>
}

const byBuild = (rpms: ReadonlyArray<TaggedRpm>): ReadonlyMap<string, TaggedBuild> => {
  const builds = new Map<string, { nvr: string; name: string; rpms: Array<TaggedRpm> }>()
  for (const rpm of rpms) {
    const nvr = buildNvr(rpm)
    const build = builds.get(nvr)
    if (build === undefined) builds.set(nvr, { nvr, name: rpm.build.name, rpms: [rpm] })
    else build.rpms.push(rpm)
  }
  return builds
}

/** The same build with other files: signatures that appeared or went, copies written, rpms added or imported anew. */
const copyDifferences = (before: TaggedBuild, after: TaggedBuild): ReadonlyArray<Difference> => {
  const old = new Map(before.rpms.map((rpm) => [nvra(rpm), rpm]))
  const now = new Map(after.rpms.map((rpm) => [nvra(rpm), rpm]))
  const words = new Map<string, number>()
  const say = (text: string) => words.set(text, (words.get(text) ?? 0) + 1)
  for (const [name, rpm] of now) {
    const was = old.get(name)
    if (was === undefined) {
      say(`${name} added`)
      continue
    }
    if (was.payloadhash !== rpm.payloadhash) say(`${name} has other content`)
    else if (was.primary !== rpm.primary) say(`${name} is another file`)
    const keys = new Map(was.signatures.map(({ copy, sigkey }) => [sigkey, copy]))
    for (const { copy, sigkey } of rpm.signatures) {
      if (!keys.has(sigkey)) say(`signature ${sigkey} appeared`)
      else if (keys.get(sigkey) !== copy)
        say(copy === null ? `signed copy ${sigkey} is gone` : `signed copy ${sigkey} written`)
      keys.delete(sigkey)
    }
    for (const sigkey of keys.keys()) say(`signature ${sigkey} is gone`)
  }
  for (const name of old.keys()) if (!now.has(name)) say(`${name} removed`)
  return [...words].map(([text, count]) => ({
    kind: "changed",
    subject: after.nvr,
    after: text,
    ...(count === 1 ? {} : { detail: `${count} rpms` })
  }))
}
