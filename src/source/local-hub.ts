import { Effect, Either, Layer } from "effect"
import {
  type BlobMissing,
  hashOf,
  makeDigest,
  type Store,
  type StoreError,
  sizeOf,
  withBlobs
} from "../../graph/index.ts"
import {
  type EncodedSnapshot,
  encodeSnapshot,
  spliceSnapshot,
  type TaggedRpm,
  writeEncodedSnapshot
} from "../../rules/index.ts"
import type { HubError } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import type { HubRpm, TagContent } from "../hub/model.ts"
import { memoryName, type Remembered, recallSnapshot, rememberSnapshot } from "./remembered-snapshot.ts"
import { type ContentRequest, type SnapshotOptions, Source, SourceError, type TagSnapshot } from "./source.ts"

/**
 * Reads from the local hub, whose checksums are trusted: the hub took them when it wrote the files. What a tag holds now is read in
 * full once; the store remembers which content that was, and from then on only what was touched since is read.
 */
export const layerLocalHub: Layer.Layer<Source, never, Hub> = Layer.effect(
  Source,
  Effect.gen(function* () {
    const hub = yield* Hub
    return {
      topdir: hub.topdir,
      causes: (tag, request, since) =>
        hub.contentCauses(tag, request, since).pipe(
          Effect.map((causes) => causes.map((cause) => ({ ...cause, time: Math.floor(cause.time / 1000) }))),
          Effect.mapError(sourceError)
        ),
      paths: (files) =>
        hub.rpmPaths(files.map((file) => ({ sha256: hashOf(file), size: sizeOf(file) }))).pipe(
          Effect.map((paths) => paths.map((path) => (path === null ? null : `${hub.topdir}/${path}`))),
          Effect.mapError(sourceError)
        ),
      snapshot: (tag, request, options = {}) =>
        Effect.gen(function* () {
          const name = memoryName(hub.topdir, tag, request)
          const canGoOn = request.event === null && options.afresh !== true
          const known = canGoOn ? yield* recallSnapshot(name) : undefined
          const { content, read, taken } = yield* takeSnapshot(hub, tag, request, options, known)
          const { arches, event, moment, packages, stamp } = taken
          if (moment !== null) yield* rememberSnapshot(name, { moment, content, stamp, packages })
          return { tagId: taken.tag.id, arches, content, stamp, event, read }
        })
    }
  })
)

/** Where the store lacks what would have to be changed, or has something else there, all is read after all. */
const takeSnapshot = <E>(
  hub: Hub["Type"],
  tag: string,
  request: ContentRequest,
  options: SnapshotOptions<E>,
  known: Remembered | undefined
): Effect.Effect<Taken, SourceError | StoreError | BlobMissing | E, Store> =>
  Effect.gen(function* () {
    // so that what the caller's check fails with is told apart from what the hub does
    const marked = (arches: ReadonlyArray<string>) =>
      Either.mapLeft(options.check?.(arches) ?? Either.void, (error) => ({ _tag: "CheckFailed" as const, error }))
    const taken = yield* hub
      .tagContent(tag, request, (rpms) => encodeSnapshot(rowsOf(rpms)), marked, known)
      .pipe(Effect.mapError((failed) => (failed._tag === "CheckFailed" ? failed.error : sourceError(failed))))
    const { rpms, touched } = taken
    if (touched === null) return { taken, content: yield* withBlobs(writeEncodedSnapshot(rpms)), read: "all" }
    const spliced =
      known === undefined
        ? null
        : yield* withBlobs(spliceSnapshot(known.content, { ...touched, now: touched.now.map(rowOf) })).pipe(
            Effect.catchTag("BlobMissing", () => Effect.succeed(null))
          )
    if (spliced === null) return yield* takeSnapshot(hub, tag, request, options, undefined)
    return { taken, content: spliced, read: touched.packages.size === 0 ? "nothing" : "touched" }
  })

interface Taken extends Pick<TagSnapshot, "content" | "read"> {
  readonly taken: TagContent<EncodedSnapshot>
}

export const sourceError = (error: HubError): SourceError =>
  new SourceError({
    kind:
      error._tag === "NoSuchTag"
        ? "no-such-tag"
        : error._tag === "NoSuchEvent"
          ? "no-such-event"
          : error._tag === "HubUnavailable"
            ? "unavailable"
            : "refused",
    event: "event" in error ? error.event : null,
    reason: error.message
  })

function* rowsOf(rpms: Iterable<HubRpm>): Generator<TaggedRpm> {
  for (const rpm of rpms) yield rowOf(rpm)
}

const rowOf = ({ build, primary, signatures, ...rpm }: HubRpm): TaggedRpm => ({
  ...rpm,
  build,
  primary: makeDigest(primary.sha256, primary.size),
  signatures: signatures.map(({ copy, sigkey }) => ({
    sigkey,
    copy: copy === null ? null : makeDigest(copy.sha256, copy.size)
  }))
})
