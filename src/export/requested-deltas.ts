import { Effect } from "effect"
import type { BlobMissing, Digest, InputOf, Store, StoreError } from "../../graph/index.ts"
import type { DistRepo } from "../../rules/index.ts"
import type { HubUnavailable, NoSuchRepo } from "../hub/errors.ts"
import type { Hub } from "../hub/hub.ts"
import { type DeltaBase, deltaBases, type UnusableDeltaBase } from "./delta-bases.ts"
import { deltaTool, type NoDeltaTool } from "./delta-tool.ts"
import { olderPackages } from "./older-packages.ts"
import type { BadRequest, RequestedArches } from "./request.ts"

/** Which delta rpms a request asks for. */
export interface RequestedDeltas {
  readonly bases: ReadonlyArray<DeltaBase>
  /** What makes them. */
  readonly tool: string
}

export type RequestedDeltasError = BadRequest | UnusableDeltaBase | NoDeltaTool | HubUnavailable | NoSuchRepo

/** Finds the repos to make deltas from and the tool to make them with, before anything else is done; null where none are wanted. */
export const requestedDeltas = (
  values: ReadonlyArray<string>
): Effect.Effect<RequestedDeltas | null, RequestedDeltasError, Hub> =>
  values.length === 0 ? Effect.succeed(null) : Effect.all({ bases: deltaBases(values), tool: deltaTool })

/**
 * What of them tells one repo from another. The tag's own repo goes by the tag's name: the repo that is made becomes the newest, and the
 * same request for the same content must not make another one, without the deltas from the one before.
 */
export const deltaIdentity = (requested: RequestedDeltas, tag: string): ReadonlyArray<string | number> =>
  requested.bases.map((base) => (base.byTag && base.tag === tag ? base.tag : base.id))

/** What the graph is given of the older repos. */
export interface DeltaInput {
  readonly arches: InputOf<typeof DistRepo>["arches"]
  /** Where packages lie in an older repo; absolute. */
  readonly files: ReadonlyMap<Digest, string>
  readonly warnings: ReadonlyArray<string>
}

/** Reads the packages of the older repos, arch by arch. */
export const deltaInput = (
  requested: RequestedDeltas | null,
  { repositories }: RequestedArches
): Effect.Effect<DeltaInput, UnusableDeltaBase | HubUnavailable | StoreError | BlobMissing, Hub | Store> =>
  Effect.gen(function* () {
    if (requested === null) return { arches: repositories, files: new Map(), warnings: [] }
    const files = new Map<Digest, string>()
    const warnings: Array<string> = []
    const arches = yield* Effect.forEach(repositories, (repository) =>
      Effect.gen(function* () {
        const read = yield* Effect.forEach(requested.bases, (base) => olderPackages(base, repository.arch))
        const found = read.filter((packages) => packages !== null)
        for (const packages of found) {
          for (const [digest, path] of packages.files) files.set(digest, path)
          warnings.push(...packages.warnings)
        }
        return { ...repository, deltas: { older: found.map(({ list }) => list), tool: requested.tool, ...deltaLimits } }
      })
    )
    return { arches, files, warnings }
  })

/** createrepo_c's, which Koji leaves as they are: deltas from the newest edition only, of packages below 100 MB when installed. */
export const deltaLimits = { perRepository: 1, maxInstalledSize: 100_000_000 }
