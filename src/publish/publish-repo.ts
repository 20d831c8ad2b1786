import {
  existsSync,
  lstatSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { dirname, join, relative } from "node:path"
import { Effect, Fiber } from "effect"
import type { BlobMissing, DigestOf, Store, StoreError } from "../../graph/index.ts"
import { withBlobs } from "../../graph/index.ts"
import type { Directory } from "../../rules/index.ts"
import type { HubRefused, HubUnavailable, NoSuchEvent, NoSuchRepo, NoSuchTag, PublishLockHeld } from "../hub/errors.ts"
import { flush } from "../hub/flush.ts"
import { Hub } from "../hub/hub.ts"
import type { NewRepo, RepoKind } from "../hub/model.ts"
import { pointLatest, readLatest } from "./latest-link.ts"
import type { PackagesGone } from "./package-filler.ts"
import { asideOf, repoIn, tagDirectories, tagDirectory } from "./repo-places.ts"
import { clearTrees } from "./shared-trees.ts"
import { type BegunTree, type Layout, type WrittenTree, writeTree } from "./write-tree.ts"
import { makeDirectories, type UnwritableTree, writing } from "./writing.ts"

/** A finished tree to be made a repo of a tag. */
export interface Publication extends NewRepo {
  /** The repo's folder, but for repo.json. */
  readonly tree: DigestOf<Directory>
  /** The text of repo.json, for the id that the repo gets. */
  readonly repoJson: (id: number) => string
  readonly layout: Layout
}

export interface PublishedRepo extends Pick<WrittenTree, "copiedInstead" | "mended"> {
  readonly id: number
  readonly path: string
  /** Where the tag's `latest` points now: at another repo if that is of a newer event; null where at none, as of internal repos none may qualify. */
  readonly latest: number | null
}

/** A repo that was begun before it was known whether it would be made, by whoever holds the publish lock. */
export interface BegunRepo extends BegunTree {
  /** The folder in which it was. */
  readonly at: string
}

/** What a publication may be told, and asked. */
export interface PublishOptions<A> {
  /** Asked once nobody else can publish: what it finds makes the publication unnecessary. */
  readonly unless: Effect.Effect<A | undefined, HubUnavailable | NoSuchTag | StoreError, Hub | Store>
  readonly onPlaced?: ((packages: number) => void) | undefined
  /** Told once, if another publication has to be waited for. */
  readonly onWait?: () => void
  /** Told when nobody else can publish and the writing begins, and when all is written and has to be put in its place. */
  readonly onStage?: (stage: "write" | "finish") => void
}

export type PublishError =
  | UnwritableTree
  | PackagesGone
  | HubUnavailable
  | HubRefused
  | NoSuchTag
  | NoSuchEvent
  | NoSuchRepo
  | PublishLockHeld
  | StoreError
  | BlobMissing

/**
 * Publishes trees as a new repo id of a tag. The row is INIT, the tree is written aside and flushed, renamed to its place, the row
 * becomes READY, `latest` moves: killed at any moment, readers see the old state or the new, and the next publication clears away
 * what is left. On another volume than DEFAULT all of that is done there, and a link leads to the repo from the tag's folder. A failure leaves nothing behind but the row, DELETED. One publication at a time in a topdir.
 */
export const publishRepo = <A = never>(
  publication: Publication,
  { onWait, unless, ...told }: PublishOptions<A> = { unless: Effect.succeed(undefined) }
): Effect.Effect<PublishedRepo | A, PublishError, Hub | Store> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const notice = yield* Effect.fork(
      Effect.delay(
        Effect.sync(() => onWait?.()),
        patience
      )
    )
    const alone = Effect.gen(function* () {
      yield* Fiber.interrupt(notice)
      return (yield* unless) ?? (yield* publishAlone(publication, told))
    })
    return yield* Effect.ensuring(hub.withPublishLock(alone), Fiber.interrupt(notice))
  })

/** After this a person wants to know why nothing happens. */
const patience = "1 second"

/** The same for who holds the publish lock. What was `begun` becomes part of the repo. */
export const publishAlone = (
  publication: Publication,
  { onPlaced, onStage }: Pick<PublishOptions<never>, "onPlaced" | "onStage">,
  begun?: BegunRepo
): Effect.Effect<PublishedRepo, PublishError, Hub | Store> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const { layout, repoJson, tree, ...row } = publication
    onStage?.("write")
    const { links, tagDir } = yield* clearedTagDir(row, begun?.at)
    const real = yield* writing(tagDir, () => realpathSync(tagDir))
    return yield* Effect.uninterruptibleMask((interruptible) =>
      Effect.gen(function* () {
        const id = yield* hub.repoInit(row)
        const aside = asideOf(tagDir, id)
        const place = join(tagDir, String(id))
        const link = links === null ? null : join(links, String(id))
        const written = Effect.gen(function* () {
          const options = { topdir: hub.topdir, layout, place: join(real, String(id)), onPlaced }
          if (begun !== undefined) yield* writing(aside, () => renameSync(begun.at, aside))
          const { copiedInstead, mended } = yield* withBlobs(writeTree(tree, aside, options, begun))
          onStage?.("finish")
          yield* writing(aside, () => {
            writeFileSync(join(aside, "repo.json"), repoJson(id), { flush: true })
            flush(aside)
          })
          return { copiedInstead, mended }
        })
        const removing = (path: string) =>
          Effect.ignore(writing(path, () => rmSync(path, { recursive: true, force: true })))
        // the link first, which leads nowhere yet: so the repo is in both of its places at once
        const linked = writing(link ?? place, () => {
          if (link === null) return
          const target = join(realpathSync(hub.topdir), relative(hub.topdir, place))
          symlinkSync(relative(realpathSync(dirname(link)), target), link)
        })
        const moved = Effect.onError(
          writing(place, () => renameSync(aside, place)),
          () => (link === null ? Effect.void : removing(link))
        )
        const abandon = Effect.all([
          removing(aside),
          Effect.ignore(clearTrees(hub.topdir)),
          Effect.ignore(hub.setRepoState(id, "DELETED"))
        ])
        const told = yield* interruptible(written).pipe(
          Effect.zipLeft(linked),
          Effect.zipLeft(moved),
          Effect.onError(() => abandon)
        )
        yield* writing(tagDir, () => {
          flush(tagDir)
          if (links !== null) flush(links)
        })
        yield* hub.setRepoState(id, "READY")
        const latest = yield* pointLatest(row.tag, row.kind)
        return { id, path: link ?? place, latest, ...told }
      })
    )
  })

/**
 * Mends what a killed publication left of a tag: makes `latest` name the READY repo of the greatest create event, where it does not
 * (the link is never absent in between), and clears away repos that never became READY. Waits for a publication that is under way.
 */
export const repairLatest = (
  tag: string,
  kind: RepoKind = "dist"
): Effect.Effect<void, UnwritableTree | HubUnavailable | HubRefused | NoSuchTag | NoSuchRepo | PublishLockHeld, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const latest = yield* hub.latestRepo(tag, kind)
    const isRight = latest === null || readLatest(hub.topdir, tag, kind) === String(latest.id)
    if (isRight && (yield* hub.unfinishedRepos(tag, kind)).length === 0) {
      // a head start that is under way has the lock, and nobody need wait for it
      const tagDirs = tagDirectories(hub.topdir, tag, kind, yield* hub.volumes)
      const isBegun = tagDirs.some((tagDir) => existsSync(join(tagDir, begunFolder)))
      if (isBegun) yield* hub.withFreePublishLock(clearAbandoned(tag, kind))
      return
    }
    yield* hub.withPublishLock(Effect.zipRight(clearAbandoned(tag, kind), pointLatest(tag, kind)))
  })

/** Where a repo is begun in a tag's folder, before it has an id. */
export const begunFolder = ".begun.tmp"

/** The directory of a repo, if it is there with the metadata of all these arches, whatever the database says. */
export const repoPath = (
  topdir: string,
  tag: string,
  id: number,
  arches: ReadonlyArray<string>,
  kind: RepoKind = "dist"
): string | undefined => {
  const tagDir = tagDirectory(topdir, tag, kind)
  const path = join(tagDir, String(id))
  const whole = arches.every((arch) => existsSync(join(path, arch, "repodata/repomd.xml")))
  return whole && repoIn(tagDir, id) ? path : undefined
}

/** Where a repo will be: in the folder of its tag on its volume. */
export interface RepoFolder {
  readonly tagDir: string
  /** The tag's folder with the link to the repo, where that is on another volume than DEFAULT. */
  readonly links: string | null
}

/** A tag's folder for a repo, made where it is not there, without what a killed publication left in it or on any other volume. */
export const clearedTagDir = (
  { kind = "dist", tag, volume = null }: Pick<NewRepo, "tag" | "kind" | "volume">,
  but?: string
): Effect.Effect<RepoFolder, UnwritableTree | HubUnavailable | HubRefused | NoSuchTag | NoSuchRepo, Hub> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    if (volume !== null) yield* hub.volume(volume)
    const tagDir = tagDirectory(hub.topdir, tag, kind, volume)
    const links = tagDirectory(hub.topdir, tag, kind)
    for (const folder of [links, tagDir]) yield* writing(folder, () => makeDirectories(folder))
    yield* clearAbandoned(tag, kind, but)
    return { tagDir, links: links === tagDir ? null : links }
  })

/**
 * Removes what a killed publication left, `but` a folder. Under the lock nobody else publishes, so a repo in state INIT is nobody's.
 * What is on a volume that is not there now waits for another time.
 */
const clearAbandoned = (tag: string, kind: RepoKind, but?: string) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const tagDirs = tagDirectories(hub.topdir, tag, kind, yield* hub.volumes)
    const abandoned = (yield* hub.unfinishedRepos(tag, kind))
      .map((repo) => ({ ...repo, tagDir: tagDirectory(hub.topdir, tag, kind, repo.volume) }))
      .filter(({ tagDir }) => tagDirs.includes(tagDir))
    for (const { id, tagDir, volume } of abandoned) {
      yield* writing(tagDir, () => {
        // What has no repo.json there was not moved there by a publication.
        if (repoIn(tagDir, id)) renameSync(join(tagDir, String(id)), asideOf(tagDir, id))
        if (volume !== null) removeLink(join(tagDirectory(hub.topdir, tag, kind), String(id)))
      })
    }
    for (const tagDir of tagDirs) {
      yield* writing(tagDir, () => {
        for (const name of readdirSync(tagDir)) {
          const path = join(tagDir, name)
          const isAside = name.startsWith(".") && name.endsWith(".tmp")
          if (isAside && path !== but) rmSync(path, { recursive: true, force: true })
        }
      })
    }
    yield* clearTrees(hub.topdir)
    yield* Effect.forEach(abandoned, ({ id }) => hub.setRepoState(id, "DELETED"))
  })

/** Removes the link to a repo on another volume, if there is one. */
const removeLink = (path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(path)
}
