import { Effect, Layer } from "effect"
import { type Digest, makeDigest, withBlobs } from "../../graph/index.ts"
import { copyPath, type TaggedRpm, writeSnapshot } from "../../rules/index.ts"
import type { HubError } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import type { HubRpm } from "../hub/model.ts"
import { Source, SourceError, type Tagging } from "./source.ts"

/** Reads from the local hub, whose checksums are trusted: the hub took them when it wrote the files. */
export const layerLocalHub: Layer.Layer<Source, never, Hub> = Layer.effect(
  Source,
  Effect.gen(function* () {
    const hub = yield* Hub
    return {
      topdir: hub.topdir,
      arches: (tag) =>
        Effect.gen(function* () {
          const own = words((yield* hub.tagInfo(tag)).arches)
          if (own.length > 0) return own
          for (const { name } of yield* hub.fullInheritance(tag)) {
            const inherited = words((yield* hub.tagInfo(name)).arches)
            if (inherited.length > 0) return inherited
          }
          return []
        }).pipe(Effect.mapError(sourceError)),
      taggings: (tag, { event, inherit }) =>
        Effect.gen(function* () {
          const parents = inherit ? (yield* hub.fullInheritance(tag, event)).map(({ name }) => name) : []
          const newest = new Map<string, Tagging>()
          for (const name of new Set([tag, ...parents])) {
            for (const entry of yield* hub.history(name)) {
              if (entry.subject.kind !== "build" || (event !== null && entry.event > event)) continue
              const known = newest.get(entry.subject.nvr)
              if (known !== undefined && known.event > entry.event) continue
              newest.set(entry.subject.nvr, { event: entry.event, time: Math.floor(entry.time / 1000), tag: name })
            }
          }
          return newest
        }).pipe(Effect.mapError(sourceError)),
      snapshot: (tag, request) =>
        Effect.gen(function* () {
          if (request.event !== null) yield* hub.event(request.event)
          const { rpms, stamp, tag: info } = yield* hub.tagContent(tag, request)
          const event = request.event ?? (yield* hub.lastEvent)?.id ?? stamp.event
          return { info, rpms: rpms.map(rowOf), stamp, event }
        }).pipe(
          Effect.mapError(sourceError),
          Effect.flatMap(({ event, info, rpms, stamp }) =>
            Effect.map(withBlobs(writeSnapshot(rpms)), (content) => ({
              tagId: info.id,
              content,
              stamp,
              event,
              files: filesOf(hub.topdir, rpms)
            }))
          )
        )
    }
  })
)

const words = (arches: string): ReadonlyArray<string> => arches.split(/\s+/).filter((arch) => arch !== "")

const sourceError = (error: HubError): SourceError =>
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

const rowOf = ({ build, primary, signatures, ...rpm }: HubRpm): TaggedRpm => ({
  ...rpm,
  build,
  primary: makeDigest(primary.sha256, primary.size),
  signatures: signatures.map(({ copy, sigkey }) => ({
    sigkey,
    copy: copy === null ? null : makeDigest(copy.sha256, copy.size)
  }))
})

/** A file that was imported already signed has a signed copy of the same bytes: then the primary one is named, which stays as long as its build. */
const filesOf = (topdir: string, rpms: ReadonlyArray<TaggedRpm>): ReadonlyMap<Digest, string> => {
  const files = new Map<Digest, string>()
  for (const rpm of rpms) {
    for (const { copy, sigkey } of rpm.signatures)
      if (copy !== null) files.set(copy, `${topdir}/${copyPath(rpm, sigkey)}`)
    files.set(rpm.primary, `${topdir}/${copyPath(rpm, null)}`)
  }
  return files
}
