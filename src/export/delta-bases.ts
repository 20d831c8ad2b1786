import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { Data, Effect, Either } from "effect"
import type { HubUnavailable, NoSuchRepo } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import type { RepoRow } from "../hub/model.ts"
import { distRepoTagDir } from "../koji/topdir.ts"
import { BadRequest } from "./request.ts"

/** A repo whose packages people may have installed, so that deltas from them are wanted. */
export interface DeltaBase {
  readonly id: number
  readonly tag: string
  /** Whether it was asked for by the name of its tag, whose newest repo it is now. */
  readonly byTag: boolean
  /** Its directory; absolute. */
  readonly path: string
}

/** A repo that deltas were to be made from cannot be used. Koji's words where Koji has some. */
export class UnusableDeltaBase extends Data.TaggedError("UnusableDeltaBase")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** Finds the repos that `--delta-rpms` names: digits are a repo id, all else is a tag, whose newest READY (or else EXPIRED) repo is meant. */
export const deltaBases = (
  values: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<DeltaBase>, BadRequest | UnusableDeltaBase | HubUnavailable | NoSuchRepo, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const found = new Map<number, DeltaBase>()
    for (const value of values) {
      const byTag = !/^[0-9]+$/.test(value)
      const repo = byTag ? yield* newestRepo(value) : yield* hub.repo(Number(value))
      // a tag's name was checked when it was made
      const path = join(hub.topdir, Either.getOrThrow(distRepoTagDir(repo.tagName)), String(repo.id))
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true || !existsSync(join(path, "repo.json"))) {
        return yield* new UnusableDeltaBase({ reason: `Base drpm repo missing: ${path}` })
      }
      if (!found.has(repo.id)) found.set(repo.id, { id: repo.id, tag: repo.tagName, byTag, path })
    }
    return [...found.values()]
  })

const newestRepo = (tag: string): Effect.Effect<RepoRow, BadRequest | HubUnavailable, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const repos = yield* Effect.catchTag(hub.repos(tag), "NoSuchTag", () => Effect.succeed([]))
    const newest = (state: RepoRow["state"]) => repos.findLast((repo) => repo.state === state)
    const repo = newest("READY") ?? newest("EXPIRED")
    return repo ?? (yield* new BadRequest({ reason: `Can't find repo for tag: ${tag}`, warnings: [] }))
  })
