import { join } from "node:path"
import { Data, Effect } from "effect"
import type { HubUnavailable, NoSuchRepo } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import type { RepoRow, RepoState } from "../hub/model.ts"
import { repoIn, tagDirectory } from "../publish/repo-places.ts"
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
      const { id, kind, tagName: tag } = byTag ? yield* newestRepo(value) : yield* hub.repo(Number(value))
      if (kind !== "dist") {
        return yield* new UnusableDeltaBase({ reason: `Base repo for deltas must also be a dist repo: ${id} is none` })
      }
      const folder = tagDirectory(hub.topdir, tag)
      const path = join(folder, String(id))
      if (!repoIn(folder, id)) return yield* new UnusableDeltaBase({ reason: `Base drpm repo missing: ${path}` })
      if (!found.has(id)) found.set(id, { id, tag, byTag, path })
    }
    return [...found.values()]
  })

const newestRepo = (tag: string): Effect.Effect<RepoRow, BadRequest | HubUnavailable, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const newest = (state: RepoState) =>
      Effect.catchTag(hub.getRepo(tag, { kind: "dist", state }), "NoSuchTag", () => Effect.succeed(null))
    const repo = (yield* newest("READY")) ?? (yield* newest("EXPIRED"))
    return repo ?? (yield* new BadRequest({ reason: `Can't find repo for tag: ${tag}`, warnings: [] }))
  })
