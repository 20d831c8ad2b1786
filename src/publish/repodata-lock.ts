import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Data, Duration, Effect } from "effect"
import { UnwritableTree } from "./writing.ts"

/** Someone else makes the metadata of this directory. */
export class RepodataLocked extends Data.TaggedError("RepodataLocked")<{
  readonly lock: string
  /** True where it is another distgraph, which was waited for; false where it is no distgraph's. */
  readonly ours: boolean
}> {
  override get message(): string {
    return this.ours
      ? `${this.lock} is still held by another distgraph after ten minutes; wait for it to end`
      : `${this.lock} exists: another createrepo is at work here, or was killed; wait for it, or use --ignore-lock`
  }
}

/**
 * Runs an effect while nobody else publishes into a directory's `repodata`: neither createrepo_c, whose lock is the folder
 * `.repodata`, nor another distgraph, which is waited for. The folder holds a database file with an open write transaction: the system
 * ends that with the process, so what a killed distgraph left is told from a lock that is held. `use` is given the folder, whose
 * content is gone afterwards, and what a killed one left undone: the text that it had put into {@link todoFile}.
 */
export const withRepodataLock = <A, E, R>(
  directory: string,
  { ignoreForeign, onWait = () => {} }: { readonly ignoreForeign: boolean; readonly onWait?: () => void },
  use: (folder: string, undone: string) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | RepodataLocked | UnwritableTree, R> =>
  Effect.acquireUseRelease(
    acquire(directory, ignoreForeign, onWait, attempts),
    ({ folder, undone }) => use(folder, undone),
    release
  )

/** Whether createrepo_c is at work, or was killed. Costs less than to find it out when all else is done. */
export const refuseForeignLock = (directory: string): Effect.Effect<void, RepodataLocked> =>
  Effect.suspend(() => {
    const lock = join(directory, lockFolder)
    return existsSync(lock) && !existsSync(join(lock, lockFile))
      ? new RepodataLocked({ lock, ours: false })
      : Effect.void
  })

/** Whether someone is at work in a directory, or was killed there: also while taking the lock, or giving it back. */
export const hasRepodataTraces = (directory: string): boolean =>
  readdirSync(directory).some((name) => name === lockFolder || leftover.test(name))

/** In the folder: what is still to be done should this process be killed. */
export const todoFile = "todo"

const lockFolder = ".repodata"
const lockFile = "distgraph.lock"

interface Held {
  readonly folder: string
  readonly database: DatabaseSync
  readonly undone: string
}

const interval = Duration.millis(50)
/** Ten minutes. */
const attempts = 12_000

const acquire = (
  directory: string,
  ignoreForeign: boolean,
  onWait: () => void,
  left: number
): Effect.Effect<Held, RepodataLocked | UnwritableTree> =>
  Effect.gen(function* () {
    const folder = join(directory, lockFolder)
    const taken = yield* Effect.try({
      try: () => take(directory, ignoreForeign),
      catch: (cause) =>
        new UnwritableTree({ path: folder, reason: cause instanceof Error ? cause.message : String(cause) })
    })
    if (typeof taken !== "string") return taken
    if (taken === "foreign" || left <= 1) return yield* new RepodataLocked({ lock: folder, ours: taken !== "foreign" })
    if (left === attempts) onWait()
    // only the pauses can be interrupted, so that a lock once taken is always given back
    yield* Effect.interruptible(Effect.sleep(interval))
    return yield* acquire(directory, ignoreForeign, onWait, left - 1)
  })

/** A folder with a held lock in it is made aside and then put into its place, which only works where there is none. */
const take = (directory: string, ignoreForeign: boolean): Held | "foreign" | "held" => {
  const folder = join(directory, lockFolder)
  removeLeftovers(directory)
  const undone = existsSync(folder) ? clear(directory, ignoreForeign) : ""
  if (undone === undefined) {
    return existsSync(join(folder, lockFile)) ? "held" : existsSync(folder) ? "foreign" : "held"
  }
  const aside = asideOf(directory)
  mkdirSync(aside)
  const database = holdLock(join(aside, lockFile))
  if (database === undefined) return "held"
  try {
    // an empty folder would be replaced, but a lock that is held is never empty
    renameSync(aside, folder)
    return { folder, database, undone }
  } catch (cause) {
    removeHeld(aside)
    database.close()
    // someone was faster, or took it for a leftover in the moment before it was locked
    if (["ENOTEMPTY", "EEXIST", "ENOENT"].includes(String(codeOf(cause)))) return "held"
    throw cause
  }
}

/**
 * Takes away the folder of a killed distgraph, that of another program only if it may, and gives what was left undone; undefined where
 * the folder stays.
 */
const clear = (directory: string, ignoreForeign: boolean): string | undefined => {
  const folder = join(directory, lockFolder)
  const file = join(folder, lockFile)
  const before = inodeOf(file)
  if (before === undefined) {
    if (!ignoreForeign) return undefined
    rmSync(folder, { recursive: true, force: true })
    return ""
  }
  const database = holdLock(file)
  if (database === undefined) return undefined
  try {
    // whoever holds the lock of this very file alone may take the folder away
    if (inodeOf(file) !== before) return undefined
    const todo = join(folder, todoFile)
    const undone = existsSync(todo) ? readFileSync(todo, "utf8") : ""
    const aside = asideOf(directory)
    renameSync(folder, aside)
    removeHeld(aside)
    return undone
  } finally {
    database.close()
  }
}

const release = ({ database, folder }: Held): Effect.Effect<void> =>
  Effect.sync(() => {
    const aside = `${folder}.${randomUUID()}`
    try {
      renameSync(folder, aside)
    } catch {
      // it was taken away by hand: then there is nothing to give back
    }
    removeHeld(aside)
    database.close()
  })

const asideOf = (directory: string): string => join(directory, `${lockFolder}.${randomUUID()}`)

/** What was made aside by processes that were killed before they could remove it. */
const removeLeftovers = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    if (!leftover.test(name)) continue
    const folder = join(directory, name)
    const file = join(folder, lockFile)
    if (!existsSync(file)) {
      removeEmpty(folder)
      continue
    }
    const database = holdLock(file)
    if (database === undefined) continue
    removeHeld(folder)
    database.close()
  }
}

/** Removes a folder whose lock is held. The lock goes last, so that what a killed process leaves is locked by nobody, or is empty. */
const removeHeld = (folder: string): void => {
  const names = existsSync(folder) ? readdirSync(folder) : []
  for (const name of names) if (name !== lockFile) rmSync(join(folder, name), { recursive: true, force: true })
  rmSync(join(folder, lockFile), { force: true })
  removeEmpty(folder)
}

/** Leaves a folder in which a lock was made meanwhile: that is its maker's. */
const removeEmpty = (folder: string): void => {
  try {
    rmdirSync(folder)
  } catch (cause) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(String(codeOf(cause)))) throw cause
  }
}

const leftover = /^\.repodata\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A connection that holds the file's write lock, or undefined where another one does, or its folder was taken away meanwhile. */
const holdLock = (file: string): DatabaseSync | undefined => {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec("BEGIN IMMEDIATE")
    return database
  } catch (cause) {
    database?.close()
    const isBusy = cause instanceof Error && "errcode" in cause && (Number(cause.errcode) & 0xff) === SQLITE_BUSY
    if (isBusy || !existsSync(dirname(file))) return undefined
    throw cause
  }
}

const SQLITE_BUSY = 5

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino

const codeOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)
