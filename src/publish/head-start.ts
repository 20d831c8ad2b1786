import { realpathSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Fiber, Option } from "effect"
import { type Store, withBlobs } from "../../graph/index.ts"
import { Hub } from "../hub/hub.ts"
import {
  type BegunRepo,
  begunFolder,
  clearedTagDir,
  type Publication,
  type PublishError,
  type PublishedRepo,
  type PublishOptions,
  publishAlone,
  publishRepo
} from "./publish-repo.ts"
import { clearTrees } from "./shared-trees.ts"
import { beginTree } from "./write-tree.ts"
import { writing } from "./writing.ts"

/** What can be begun of a repo while the rest of it is still being computed. */
export interface HeadStart extends Pick<Publication, "tag" | "volume" | "layout"> {
  /** The tree as far as it is known, some files under other names. May never come. */
  readonly tree: Effect.Effect<Publication["tree"], PublishError, Store>
}

export interface HeadStartOptions<A> extends Omit<PublishOptions<A>, "onStage"> {
  /** Given what is left to do once all is computed. */
  readonly inStages: <B, E, R>(
    publishing: (onStage: NonNullable<PublishOptions<A>["onStage"]>) => Effect.Effect<B, E, R>
  ) => Effect.Effect<B, E, R>
}

/**
 * Computes a publication and publishes it as {@link publishRepo} does, but begins to write and to link as soon as the tree is mostly
 * known: the disk is busy then while the processor sums. What is begun stands aside and has no repo id; where the computing fails or is
 * interrupted it is removed, and where it is killed the next publication removes it. Where another publication is under way, or for any
 * other reason there can be no head start, all is done in the end.
 */
export const publishWithHeadStart = <E, R, A = never>(
  { tree, ...head }: HeadStart,
  computing: Effect.Effect<Publication, E, R>,
  { inStages, ...options }: HeadStartOptions<A>
): Effect.Effect<PublishedRepo | A, E | PublishError, R | Hub | Store> =>
  Effect.scoped(
    Effect.gen(function* () {
      const hub = yield* Hub
      const computed = yield* Effect.forkScoped(computing)
      const ended = Effect.as(Fiber.await(computed), Option.none())
      const known = yield* Effect.raceFirst(Effect.asSome(tree), ended)
      if (Option.isSome(known)) {
        const early = publishEarly({ ...head, tree: known.value }, Fiber.join(computed), { inStages, ...options })
        const published = Option.flatten(yield* hub.withFreePublishLock(early))
        if (Option.isSome(published)) return published.value
      }
      const publication = yield* Fiber.join(computed)
      return yield* inStages((onStage) => publishRepo(publication, { ...options, onStage }))
    })
  )

/** Under the publish lock. Nothing comes of it where the publication may be unnecessary, which is decided in the end. */
const publishEarly = <E, R, A>(
  begun: Foreseen,
  computed: Effect.Effect<Publication, E, R>,
  { inStages, onPlaced, unless }: HeadStartOptions<A>
): Effect.Effect<Option.Option<PublishedRepo>, E | PublishError, R | Hub | Store> =>
  Effect.gen(function* () {
    if ((yield* unless) !== undefined) return Option.none()
    const { topdir } = yield* Hub
    const { tagDir } = yield* clearedTagDir(begun)
    const at = join(tagDir, begunFolder)
    const undo = Effect.zipRight(
      Effect.ignore(writing(at, () => rmSync(at, { recursive: true, force: true }))),
      Effect.ignore(clearTrees(topdir))
    )
    const beginning = begin(begun, at, onPlaced).pipe(
      Effect.asSome,
      // the computing may mend it; if it does not, it shows again
      Effect.catchAll(() => Effect.as(undo, Option.none<BegunRepo>()))
    )
    const whole = Effect.flatMap(
      Effect.all([beginning, computed], { concurrency: "unbounded" }),
      ([repo, publication]) =>
        inStages((onStage) => publishAlone(publication, { onPlaced, onStage }, Option.getOrUndefined(repo)))
    )
    return Option.some(yield* Effect.ensuring(whole, undo))
  })

interface Foreseen extends Pick<Publication, "tag" | "volume" | "layout" | "tree"> {}

const begin = ({ layout, tree }: Foreseen, at: string, onPlaced: PublishOptions<never>["onPlaced"]) =>
  Effect.gen(function* () {
    const { topdir } = yield* Hub
    const real = yield* writing(at, () => realpathSync(dirname(at)))
    // the repo will stand in the same folder, so links lead as far up
    const options = { topdir, layout, place: join(real, "repo"), onPlaced }
    const begun = yield* withBlobs(beginTree(tree, at, options))
    return { ...begun, at }
  })
