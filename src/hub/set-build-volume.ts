import { existsSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { basename, dirname, join, relative } from "node:path"
import { Effect, Either } from "effect"
import { buildDir, volumeRoot } from "../koji/topdir.ts"
import {
  type BuildMove,
  beginBuildMove,
  endBuildMove,
  markCopied,
  readBuildMoves,
  recordBuildVolume,
  volumesOf
} from "./build-moves.ts"
import { readBuilds } from "./builds.ts"
import type { HubDatabase } from "./database.ts"
import { HubRefused, type HubUnavailable, type NoSuchBuild, type PublishLockHeld } from "./errors.ts"
import { flush } from "./flush.ts"
import type { MoveOutcome } from "./model.ts"
import { withFreePublishLock, withPublishLock } from "./publish-lock.ts"
import { bringUpToDate } from "./transfer-files.ts"

/**
 * Moves the folders of builds to a volume, one after the other, those that are there already excepted. From DEFAULT a link leads to each
 * that is elsewhere, and that is where everybody looks for it: nothing that names a package's place becomes wrong. Each move is
 * in the hub's journal while it lasts; one that was cut short is undone or finished by {@link finishBuildMoves}. While a build is
 * moved nobody publishes. Source: Koji's changeBuildVolume, which copies, then changes the database, then removes, then makes the link.
 */
export const setBuildVolume = (
  hub: HubDatabase,
  volume: string,
  nvrs: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<MoveOutcome>, HubUnavailable | HubRefused | NoSuchBuild | PublishLockHeld> =>
  Effect.gen(function* () {
    const builds = yield* hub.read((tx) => readBuilds(tx, [...new Set(nvrs)]))
    const to = volume === "DEFAULT" ? null : volume
    return yield* Effect.forEach(builds, (build) =>
      withPublishLock(hub.topdir)(
        Effect.gen(function* () {
          yield* finishAll(hub)
          const { from, unfinished } = yield* hub.read((tx) =>
            Either.right({
              from: volumesOf(tx, [build])[0] ?? null,
              unfinished: readBuildMoves(tx).some(({ buildId }) => buildId === build.id)
            })
          )
          if (unfinished) return yield* new HubRefused({ reason: cutShort(build.nvr) })
          const outcome = { nvr: build.nvr, from: from ?? "DEFAULT", to: volume }
          if (from === to) return { ...outcome, outcome: "already-there" as const }
          yield* move(hub, { buildId: build.id, build, from, to, copied: false })
          return { ...outcome, outcome: "moved" as const }
        })
      )
    )
  })

/**
 * Undoes moves that were cut short while files were copied, and finishes those cut short later. Moves that somebody is at just now are
 * left, and such as cannot be finished, because a volume is not there: whoever opens the hub next tries again.
 */
export const finishBuildMoves = (hub: HubDatabase): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* hub.writable
    if ((yield* hub.read((tx) => Either.right(readBuildMoves(tx)))).length === 0) return
    yield* withFreePublishLock(hub.topdir)(finishAll(hub))
  }).pipe(Effect.ignore)

/** Under the publish lock whoever began a move is at it no more. */
const finishAll = (hub: HubDatabase) =>
  Effect.gen(function* () {
    const moves = yield* hub.read((tx) => Either.right(readBuildMoves(tx)))
    yield* Effect.forEach(moves, (cut) => Effect.ignore(cut.copied ? finish(hub, cut) : undo(hub, cut)))
  })

const cutShort = (build: string): string =>
  `a move of ${build} that was cut short cannot be finished: is a volume not mounted?`

/** Where a move takes a build. Absolute. */
interface Places {
  readonly from: string
  readonly to: string
  /** Its place on DEFAULT, which is one of them, or has the link. */
  readonly known: string
}

const placesOf = (topdir: string, { build, from, to }: BuildMove): Places => {
  // the names of builds and volumes were checked when they were made
  const on = (volume: string | null) => join(topdir, Either.getOrThrow(buildDir({ ...build, volume })))
  return { from: on(from), to: on(to), known: on(null) }
}

/** Names beside a build's folder, which no release has. */
const aside = (place: string, what: "new" | "old" | "link"): string =>
  join(dirname(place), `.${basename(place)}.${what}.tmp`)

const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

const move = (hub: HubDatabase, wanted: BuildMove): Effect.Effect<void, HubUnavailable | HubRefused> =>
  Effect.gen(function* () {
    const places = placesOf(hub.topdir, wanted)
    const problem = yield* hub.files(() => whyNot(places))
    if (problem !== null) return yield* new HubRefused({ reason: problem })
    yield* hub.write((tx) => Either.right(beginBuildMove(tx, wanted)))
    yield* Effect.onError(copyFolder(hub, wanted), () => Effect.ignore(undo(hub, wanted)))
    yield* Effect.uninterruptible(finish(hub, wanted))
  })

/** Koji's words. On DEFAULT a link is what is expected of a build that is elsewhere. */
const whyNot = ({ from, known, to }: Places): string | null => {
  if (!isFolder(from)) return `Build directory missing: ${from}`
  const inTheWay = [to, known].find((place) => place !== from && (place === known ? isFolder(place) : isThere(place)))
  return inTheWay === undefined ? null : `Destination directory exists: ${inTheWay}`
}

const copyFolder = (hub: HubDatabase, wanted: BuildMove) =>
  Effect.gen(function* () {
    const { from, to } = placesOf(hub.topdir, wanted)
    yield* hub.files(() => rmSync(aside(to, "new"), { recursive: true, force: true }))
    const steps = bringUpToDate(from, aside(to, "new"))
    let done = false
    while (!done) {
      done = yield* hub.files(() => steps.next().done === true)
      yield* Effect.yieldNow()
    }
    yield* hub.files(() => flushAbove(to, hub.topdir))
    yield* hub.write((tx) => Either.right(markCopied(tx, wanted)))
  })

const undo = (hub: HubDatabase, cut: BuildMove) =>
  Effect.gen(function* () {
    const { to } = placesOf(hub.topdir, cut)
    yield* mounted(hub, cut.to)
    yield* hub.files(() => rmSync(aside(to, "new"), { recursive: true, force: true }))
    yield* hub.write((tx) => Either.right(endBuildMove(tx, cut)))
  })

/**
 * Puts the copy in its place and the link in its, and removes the old folder. The places change within a write transaction: whoever
 * adds a file to a build does it in one too, so no file is lost. What came since the copying is brought after. Wherever it is cut short, it
 * can be done again.
 */
const finish = (hub: HubDatabase, copied: BuildMove) =>
  Effect.gen(function* () {
    const places = placesOf(hub.topdir, copied)
    const { from, known, to } = places
    yield* hub.write((tx) => {
      const arrived = isFolder(aside(to, "new")) ? aside(to, "new") : to
      if (!isFolder(arrived)) return Either.left(new HubRefused({ reason: `${to} is not there` }))
      const isNew = (volumesOf(tx, [{ id: copied.buildId }])[0] ?? null) === copied.from
      const left = [...new Set(isNew ? [from, known] : [from])].filter((place) => place !== to && isFolder(place))
      // afterwards the old folder has nothing to give any more
      for (const place of isNew ? left : []) Array.from(bringUpToDate(place, arrived))
      if (arrived !== to) {
        if (isThere(to)) rmSync(to)
        renameSync(arrived, to)
      }
      for (const place of left) {
        rmSync(aside(place, "old"), { recursive: true, force: true })
        renameSync(place, aside(place, "old"))
      }
      if (to !== known) linkTo(to, known)
      for (const place of [to, known, from]) if (existsSync(dirname(place))) flushAbove(place, hub.topdir)
      recordBuildVolume(tx, copied)
      return Either.void
    })
    yield* mounted(hub, copied.from)
    yield* hub.files(() => {
      for (const place of [from, known]) rmSync(aside(place, "old"), { recursive: true, force: true })
    })
    yield* hub.write((tx) => Either.right(endBuildMove(tx, copied)))
  })

/** A volume that is away now may have something of the build, which would be forgotten there. */
const mounted = (hub: HubDatabase, volume: string | null): Effect.Effect<void, HubRefused> =>
  Effect.suspend(() => {
    const root = join(hub.topdir, Either.getOrThrow(volumeRoot(volume)))
    return existsSync(root) ? Effect.void : new HubRefused({ reason: `Directory entry missing for volume ${volume}` })
  })

/** Flushes the folders above a place, up to the topdir's: some may be new. */
const flushAbove = (place: string, topdir: string): void => {
  for (let at = dirname(place); at.startsWith(topdir); at = dirname(at)) flush(at)
}

/** Makes a relative link, over another one or none. */
const linkTo = (target: string, at: string): void => {
  const text = relative(dirname(at), target)
  if (isThere(at) && readlinkSync(at) === text) return
  const made = aside(at, "link")
  mkdirSync(dirname(at), { recursive: true })
  rmSync(made, { force: true })
  symlinkSync(text, made)
  renameSync(made, at)
}
