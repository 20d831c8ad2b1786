import { existsSync, lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type { HubUnavailable, NoSuchTag } from "../hub/errors.ts"
import { flush } from "../hub/flush.ts"
import { Hub } from "../hub/hub.ts"
import type { RepoKind } from "../hub/model.ts"
import { tagDirectory } from "./repo-places.ts"
import { type UnwritableTree, writing } from "./writing.ts"

/** What a tag's `latest` names, if it is there. */
export const readLatest = (topdir: string, tag: string, kind: RepoKind = "dist"): string | undefined => {
  const link = join(tagDirectory(topdir, tag, kind), "latest")
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(link) : undefined
}

/**
 * Makes `latest` name the READY repo of the greatest create event; the link is never absent in between. While no repo is READY it stays
 * where it is, for those who read there, until that repo is gone. Gives the id that it is to name; null while no repo is READY. To be
 * done under the publish lock.
 */
export const pointLatest = (
  tag: string,
  kind: RepoKind = "dist"
): Effect.Effect<number | null, UnwritableTree | HubUnavailable | NoSuchTag, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const latest = yield* hub.latestRepo(tag, kind)
    const named = readLatest(hub.topdir, tag, kind)
    const tagDir = tagDirectory(hub.topdir, tag, kind)
    if (latest === null) {
      if (named !== undefined && !existsSync(join(tagDir, named))) {
        yield* writing(tagDir, () => {
          rmSync(join(tagDir, "latest"))
          flush(tagDir)
        })
      }
      return null
    }
    if (named === String(latest.id) || !existsSync(tagDir)) return latest.id
    yield* writing(tagDir, () => {
      const aside = join(tagDir, ".latest.tmp")
      rmSync(aside, { force: true })
      symlinkSync(String(latest.id), aside)
      renameSync(aside, join(tagDir, "latest"))
      flush(tagDir)
    })
    return latest.id
  })
