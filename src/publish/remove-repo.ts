import { type Dirent, existsSync, lstatSync, readdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { nextTurn } from "../../graph/index.ts"
import type { HubRefused, HubUnavailable, NoSuchRepo } from "../hub/errors.ts"
import { flush } from "../hub/flush.ts"
import { Hub } from "../hub/hub.ts"
import type { RepoRow } from "../hub/model.ts"
import { debugFolder } from "../koji/topdir.ts"
import { asideOf, repoIn, tagDirectory } from "./repo-places.ts"
import { UnwritableTree, writing } from "./writing.ts"

/**
 * Removes a repo from disk, then makes its row DELETED: it is renamed aside, so that readers see all of it or nothing, and removed
 * there. Killed in between, the row is what it was, and the same again finishes it. Gives what was in its place and was left, because no
 * publication can have put it there. To be done under the publish lock, on a repo that `latest` does not name.
 */
export const removeRepo = (
  repo: RepoRow
): Effect.Effect<ReadonlyArray<string>, UnwritableTree | HubUnavailable | HubRefused | NoSuchRepo, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const places = repoPlaces(hub.topdir, repo)
    for (const tagDir of places.slice(1)) {
      if (!existsSync(tagDir)) {
        return yield* new UnwritableTree({
          path: tagDir,
          reason: `it is not there, so the files of repo ${repo.id} cannot be removed; is the volume ${repo.volume} mounted?`
        })
      }
    }
    const left: Array<string> = []
    for (const tagDir of places) {
      const aside = asideOf(tagDir, repo.id)
      const place = join(tagDir, String(repo.id))
      if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) {
        if (isOfPublication(tagDir, repo.id)) {
          yield* removeTree(aside)
          yield* writing(place, () => {
            renameSync(place, aside)
            flush(tagDir)
          })
        } else left.push(place)
      }
      yield* removeTree(aside)
    }
    yield* hub.setRepoState(repo.id, "DELETED")
    return left
  })

/** Whether any part of a repo is in its place. */
export const isRepoThere = (topdir: string, repo: RepoRow): boolean =>
  repoPlaces(topdir, repo).some(
    (tagDir) => lstatSync(join(tagDir, String(repo.id)), { throwIfNoEntry: false }) !== undefined
  )

/** The folders in which a repo has its id: that of the tag, with a link where the repo itself is on another volume. */
const repoPlaces = (topdir: string, { kind, tagName, volume }: RepoRow): ReadonlyArray<string> => [
  tagDirectory(topdir, tagName, kind),
  ...(volume === null ? [] : [tagDirectory(topdir, tagName, kind, volume)])
]

const isOfPublication = (tagDir: string, id: number): boolean =>
  lstatSync(join(tagDir, String(id))).isSymbolicLink() || repoIn(tagDir, id)

/** Removes a folder, or a link; of the many packages of a repo one folder at a time, so that other work goes on. */
const removeTree = (path: string): Effect.Effect<void, UnwritableTree> =>
  Effect.gen(function* () {
    for (const folder of yield* writing(path, () => packageFolders(path))) {
      yield* writing(folder, () => rmSync(folder, { recursive: true, force: true }))
      yield* nextTurn
    }
    yield* writing(path, () => rmSync(path, { recursive: true, force: true }))
  })

const packageFolders = (repo: string): ReadonlyArray<string> =>
  foldersIn(repo).flatMap((arch) => ["", debugFolder].flatMap((sub) => foldersIn(join(arch, sub, "Packages"))))

const foldersIn = (folder: string): ReadonlyArray<string> => {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry: Dirent) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
}
