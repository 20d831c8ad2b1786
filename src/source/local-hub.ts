import { Effect, Either, Layer } from "effect"
import { type Digest, makeDigest, withBlobs } from "../../graph/index.ts"
import { copyPath, type TaggedRpm, writeSnapshot } from "../../rules/index.ts"
import type { HubError } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import type { HubRpm } from "../hub/model.ts"
import { Source, SourceError } from "./source.ts"

/** Reads from the local hub, whose checksums are trusted: the hub took them when it wrote the files. */
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
      snapshot: (tag, request, check = () => Either.void) => {
        // so that what the caller's check fails with is told apart from what the hub does
        const marked = (arches: ReadonlyArray<string>) =>
          Either.mapLeft(check(arches), (error) => ({ _tag: "CheckFailed" as const, error }))
        return hub.tagContent(tag, request, marked).pipe(
          Effect.mapError((failed) => (failed._tag === "CheckFailed" ? failed.error : sourceError(failed))),
          Effect.flatMap(({ arches, event, rpms, stamp, tag }) => {
            const rows = rpms.map(rowOf)
            return Effect.map(withBlobs(writeSnapshot(rows)), (content) => {
              return { tagId: tag.id, arches, content, stamp, event, files: filesOf(hub.topdir, rows) }
            })
          })
        )
      }
    }
  })
)

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
