import { existsSync } from "node:fs"
import { join } from "node:path"
import { Either } from "effect"
import type { RepoKind, Volume } from "../hub/model.ts"
import { distRepoTagDir, internalRepoTagDir } from "../koji/topdir.ts"

/**
 * The folder of a tag's repos of a kind, absolute: repo ids and the `latest` link. On another volume than the first (null) it holds the
 * repos to which links of the same ids lead from there.
 */
export const tagDirectory = (
  topdir: string,
  tag: string,
  kind: RepoKind = "dist",
  volume: string | null = null
): string =>
  // the names of tags and volumes were checked when they were made
  join(topdir, Either.getOrThrow(kind === "dist" ? distRepoTagDir(tag, volume) : internalRepoTagDir(tag)))

/**
 * The folders of a tag's repos of a kind on all volumes that have one, the first with the links to the others' repos. Internal repos are
 * on no other volume.
 */
export const tagDirectories = (
  topdir: string,
  tag: string,
  kind: RepoKind,
  volumes: ReadonlyArray<Volume>
): ReadonlyArray<string> => {
  const others = kind === "dist" ? volumes.filter(({ id }) => id !== 0) : []
  return [null, ...others.map(({ name }) => name)]
    .map((volume) => tagDirectory(topdir, tag, kind, volume))
    .filter((tagDir) => existsSync(tagDir))
}

/** Where a repo is before it has its place, and after it has lost it. */
export const asideOf = (tagDir: string, id: number): string => join(tagDir, `.${id}.tmp`)

/** Whether a repo is in its place: its `repo.json` was written before it was moved there. */
export const repoIn = (tagDir: string, id: number): boolean => existsSync(join(tagDir, String(id), "repo.json"))
