import { pathToFileURL } from "node:url"
import { Data, Effect, Either } from "effect"
import type { BlobMissing, InputOf, Store, StoreError } from "../../graph/index.ts"
import type { InternalRepo } from "../../rules/index.ts"
import type { TagExternalRepo } from "../hub/model.ts"
import { type ExternalRepoUnavailable, fetchExternalRepo } from "../source/external-repo.ts"
import { BadRequest } from "./request.ts"

/** External repos that a tag uses cannot be read: all of them at once. */
export class ExternalReposUnavailable extends Data.TaggedError("ExternalReposUnavailable")<{
  readonly repos: ReadonlyArray<ExternalRepoUnavailable>
}> {
  override get message(): string {
    return this.repos.map(({ message }) => message).join("\n")
  }
}

/** What external repos add to the repositories of some arches, by arch. */
type ExternalOfArches = NonNullable<InputOf<typeof InternalRepo>["external"]>

/**
 * Fetches the metadata of the external repos of each arch, each URL once. All that a tag uses must be merged in one mode: Koji
 * has no other way, and its words for that.
 */
export const externalRepos = (
  uses: ReadonlyArray<TagExternalRepo>,
  arches: ReadonlyArray<string>,
  topdir: string
): Effect.Effect<ExternalOfArches, BadRequest | ExternalReposUnavailable | StoreError | BlobMissing, Store> =>
  Effect.gen(function* () {
    const ofArches = arches.map((arch) => ({ arch, uses: uses.filter((use) => isFor(use, arch)) }))
    const wanted = ofArches.filter((of) => of.uses.length > 0)
    const modes = new Set(wanted.flatMap((of) => of.uses.map(({ mergeMode }) => mergeMode)))
    const [mode] = modes
    if (mode === undefined) return {}
    if (modes.size > 1) {
      const reason = `Found multiple merge modes for external repos: ${[...modes].join(", ")}`
      return yield* new BadRequest({ reason, warnings: [] })
    }
    const urls = [...new Set(wanted.flatMap(({ arch, uses }) => uses.map((use) => urlFor(use, arch))))]
    const outcomes = yield* Effect.forEach(
      urls,
      (url) =>
        fetchExternalRepo(url).pipe(
          Effect.map((metadata) => Either.right([url, metadata] as const)),
          Effect.catchTag("ExternalRepoUnavailable", (error) => Effect.succeed(Either.left(error)))
        ),
      { concurrency: 4 }
    )
    const unavailable = outcomes.flatMap((outcome) => (Either.isLeft(outcome) ? [outcome.left] : []))
    if (unavailable.length > 0) return yield* new ExternalReposUnavailable({ repos: unavailable })
    const metadata = new Map(outcomes.flatMap((outcome) => (Either.isRight(outcome) ? [outcome.right] : [])))
    return Object.fromEntries(
      wanted.map(({ arch, uses }) => {
        const repos = uses.flatMap((use) => {
          const url = urlFor(use, arch)
          const files = metadata.get(url)
          return files === undefined ? [] : [{ url: url.replace(/\/$/, ""), ...files }]
        })
        return [arch, { mode, origin: `${pathToFileURL(topdir).href}/`, repos }]
      })
    )
  })

const isFor = ({ arches }: TagExternalRepo, arch: string): boolean =>
  arches === null || arches.split(" ").includes(arch)

const urlFor = ({ url }: TagExternalRepo, arch: string): string => url.replaceAll("$arch", arch)
