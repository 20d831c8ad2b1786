import { existsSync, readdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { Clock, Data, Effect, type Scope } from "effect"
import type { Reference } from "../blob-codec.ts"
import { blobFiles } from "../blob-files.ts"
import { type BlobReader, blobReader } from "../blob-reader.ts"
import { fingerprint, rulesUnder } from "../key.ts"
import { nextTurn } from "../next-turn.ts"
import type { AnyRule } from "../rule.ts"
import type { StoreError } from "../store.ts"
import { attempting, layout, storeDatabase } from "../store-database.ts"
import { alone, onlyCollector } from "../store-lock.ts"
import { prepareStatements } from "../store-sql.ts"
import { takeCensus, versionOf } from "./census.ts"
import type { Amount } from "./marking.ts"
import { rewrite } from "./rewrite.ts"
import type { GcPolicy } from "./states.ts"
import { type Judgement, type Survey, survey } from "./survey.ts"
import { strayFiles, sweep } from "./sweep.ts"

export interface GcRequest {
  /** That of the store. */
  readonly directory: string
  /** The roots of all rules whose results may still be wanted; those below them count too. */
  readonly rules: ReadonlyArray<AnyRule>
  /** The blobs that a remembered text names; see {@link StoreApi.remember}. */
  readonly remembered: (name: string, text: string) => ReadonlyArray<Reference>
  readonly policy: GcPolicy
  /** Only says what it would do. */
  readonly dryRun: boolean
  /**
   * How long it waits, in milliseconds, for a moment in which nobody has the store open: `politely` others may open it meanwhile, then it
   * lets nobody else in until those that have it open are done.
   */
  readonly wait: { readonly politely: number; readonly atTheDoor: number }
  readonly onStage?: (stage: GcStage) => void
}

/** What is being done: looking at what there is, waiting for others, removing, making what is left smaller. */
export type GcStage = "survey" | "wait" | "sweep" | "rewrite"

/** Nothing was removed, because others use the store. */
export class StoreBusy extends Data.TaggedError("StoreBusy")<{
  readonly store: string
  readonly by: "users" | "collector"
}> {
  override get message(): string {
    return this.by === "collector"
      ? `another garbage collection of ${this.store} is going on`
      : `the store ${this.store} was in use all the time, so nothing was removed; try again`
  }
}

/** What was, or with `dryRun` would be, removed, what stays, and why. */
export interface GcReport {
  readonly states: ReadonlyArray<Judgement>
  readonly recent: Amount
  readonly unreached: Amount
  readonly memories: Survey["memories"]
  /** Files that killed processes left half-written. */
  readonly strays: ReadonlyArray<string>
  /** Directories of earlier layouts, which no version with this one reads. */
  readonly oldLayouts: ReadonlyArray<string>
  readonly heldBy: Survey["heldBy"]
  /** In bytes, of what stays; rows and files are counted, not the room that the database has to spare. */
  readonly keptBytes: number
  readonly fits: boolean
  /** What the directory takes, in bytes; `after` is null for a dry run. */
  readonly size: { readonly before: number; readonly after: number | null }
}

/**
 * Removes from a store what neither the policy keeps nor anything that stays needs, and says why each state stays or goes. What was
 * used within `policy.keepWithin` and the newest state of each label stay, however large they are.
 *
 * What has been decided is done in moments in which nobody has the store open, so no run loses what it took; a process may be
 * killed at any time, and leaves a store that is complete. Where there is no store there is nothing to do.
 */
export const collectGarbage = (request: GcRequest): Effect.Effect<GcReport, StoreError | StoreBusy> =>
  Effect.gen(function* () {
    const { directory, dryRun, onStage = () => {}, policy, wait } = request
    const home = join(directory, layout)
    const attempt = attempting(directory)
    const now = yield* Clock.currentTimeMillis
    const oldLayouts = yield* attempt(() => oldLayoutsIn(directory, now - policy.keepWithin))
    const before = yield* attempt(() => storeSize(directory))
    if (!existsSync(join(home, "store.db"))) return { ...nothing, size: { before, after: dryRun ? null : before } }
    if (!dryRun && !(yield* onlyCollector(directory, home))) {
      return yield* new StoreBusy({ store: directory, by: "collector" })
    }
    const database = yield* storeDatabase(directory, home)
    const blobs = yield* attempt(() => ownReader(database, home))
    const options = { ...request, rules: byFingerprint(request.rules), database, blobs, now, attempt }
    const look = Effect.flatMap(
      attempt(() => takeCensus(database, home)),
      (census) => survey(census, options)
    )
    if (!dryRun) yield* attempt(() => prepareStatements(database).insertMoment(now))
    onStage("survey")
    const first = yield* look
    const reportOf = (found: Survey, strays: ReadonlyArray<string>, after: number | null): GcReport => ({
      states: found.judgements,
      recent: found.recent,
      unreached: found.unreached,
      memories: found.memories,
      strays,
      oldLayouts,
      heldBy: found.heldBy,
      keptBytes: found.keptBytes,
      fits: found.fits,
      size: { before, after }
    })
    const listStrays = attempt(() => strayFiles(home))
    if (dryRun) return reportOf(first, first.heldBy === null ? yield* listStrays : [], null)

    const inSteps = (steps: Iterator<void>) =>
      Effect.gen(function* () {
        while (!(yield* attempt(() => steps.next())).done) yield* nextTurn
      })
    onStage("wait")
    const { strays, swept } = yield* Effect.scoped(
      Effect.gen(function* () {
        yield* waitUntilAlone(directory, home, wait)
        // Somebody may have used it meanwhile. From here on nobody can.
        const isSame = (yield* attempt(() => versionOf(database))) === first.census.version
        const found = isSame ? first : yield* look
        const left = yield* listStrays
        onStage("sweep")
        if (found.heldBy === null) {
          yield* inSteps(sweep(database, home, found, { keepWithin: policy.keepWithin, now }))
        }
        return { swept: found, strays: found.heldBy === null ? left : [] }
      })
    )
    yield* attempt(() => {
      for (const path of oldLayouts) rmSync(path, { recursive: true, force: true })
    })
    onStage("rewrite")
    if (swept.heldBy === null) yield* inSteps(rewrite(database, blobs, swept))
    return reportOf(swept, strays, yield* attempt(() => storeSize(directory)))
  }).pipe(Effect.scoped)

const nothing: Omit<GcReport, "size"> = {
  states: [],
  recent: { nodes: 0, blobs: 0, bytes: 0 },
  unreached: { nodes: 0, blobs: 0, bytes: 0 },
  memories: [],
  strays: [],
  oldLayouts: [],
  heldBy: null,
  keptBytes: 0,
  fits: true
}

/** Rows go in an order in which foreign keys always hold, and to look that up for each would take a look at all rows. */
const ownReader = (database: DatabaseSync, home: string): BlobReader => {
  database.exec("PRAGMA foreign_keys = OFF")
  return blobReader(database, blobFiles(home))
}

const byFingerprint = (roots: ReadonlyArray<AnyRule>): ReadonlyMap<string, AnyRule> =>
  new Map(roots.flatMap((root) => [...rulesUnder(root).values()]).map((rule) => [fingerprint(rule), rule]))

const waitUntilAlone = (
  directory: string,
  home: string,
  { atTheDoor, politely }: GcRequest["wait"]
): Effect.Effect<void, StoreError | StoreBusy, Scope.Scope> =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    for (;;) {
      const waited = (yield* Clock.currentTimeMillis) - began
      const closeDoor = waited > politely
      if (yield* alone(directory, home, closeDoor)) return
      if (waited > politely + atTheDoor) return yield* new StoreBusy({ store: directory, by: "users" })
      yield* closeDoor ? nextTurn : Effect.sleep("100 millis")
    }
  })

/** Those that nobody has used since then. */
const oldLayoutsIn = (directory: string, since: number): ReadonlyArray<string> => {
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => /^v\d+$/.test(name) && Number(name.slice(1)) < Number(layout.slice(1)))
    .map((name) => join(directory, name))
    .filter((path) =>
      ["store.db", "store.db-wal", "."].every((file) => {
        const stat = statSync(join(path, file), { throwIfNoEntry: false })
        return stat === undefined || stat.mtimeMs < since
      })
    )
}

/** What a store's directory takes, in bytes, with what earlier layouts left in it. */
export const storeSize = (directory: string): number => {
  if (!existsSync(directory)) return 0
  return readdirSync(directory, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    const stat = entry.isFile() ? statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) : undefined
    return sum + (stat?.size ?? 0)
  }, 0)
}
