import { createHash } from "node:crypto"
import { mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import type { PlatformError } from "@effect/platform/Error"
import { FileSystem } from "@effect/platform/FileSystem"
import { Clock, Effect, Either, Option, type Scope } from "effect"
import type { BadPackage } from "../rpm/bad-package.ts"
import { startDigests } from "../rpm/package-digests.ts"
import { signedCopyParts } from "../rpm/signature.ts"
import { HubUnavailable } from "./errors.ts"
import { fileFailure, fileProblem } from "./file-failure.ts"
import { flush } from "./flush.ts"
import type { RpmCopy } from "./model.ts"
import { BadRpmFile, type OpenRpm } from "./rpm-file.ts"
import { moveFile } from "./transfer-files.ts"

/** Files that are whole, checked and flushed but not in their places yet: on the topdir's file system, so that a rename takes them there, unless their build is on another volume. */
export interface Staging {
  readonly topdir: string
  /** Copies a package, checking every digest it has. `name` must be new. */
  readonly rpm: (rpm: OpenRpm, file: string, name: string) => Effect.Effect<StagedFile, BadRpmFile | HubUnavailable>
  /**
   * Makes the signed copy of a primary copy with another signature header. `file` is named where the header does not
   * belong to it, or the primary copy is no longer what the hub recorded.
   */
  readonly signedCopy: (
    request: {
      readonly primary: OpenRpm
      readonly recorded: RpmCopy
      readonly signatureHeader: Uint8Array
      readonly file: string
    },
    name: string
  ) => Effect.Effect<StagedFile, BadRpmFile | HubUnavailable>
  readonly bytes: (content: Uint8Array, name: string) => Effect.Effect<StagedFile, HubUnavailable>
  /** Flushes the folders into which files were moved since the last time. To be done before the files' rows are committed; throws. */
  readonly flushFolders: () => void
}

export interface StagedFile extends RpmCopy {
  /** Moves the file to its place below the topdir, over what is there. Not an effect, as it is done within its row's transaction; throws. */
  readonly placeAt: (path: string) => void
}

/** A new staging folder, removed with the scope. */
export const makeStaging = (topdir: string): Effect.Effect<Staging, HubUnavailable, FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    const unavailable = (error: PlatformError) => new HubUnavailable({ topdir, reason: fileFailure(error) })
    const folder = yield* Effect.mapError(makeFolder(files, join(topdir, "work")), unavailable)
    const folders = new Set<string>()
    const staged = (name: string, copy: RpmCopy): StagedFile => ({
      ...copy,
      placeAt: (path) => {
        const target = join(topdir, path)
        mkdirSync(dirname(target), { recursive: true })
        moveFile(join(folder, name), target)
        // the folders above too: they may be new, or left unflushed by a process that was killed; flushing what is clean is cheap
        for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at)
      }
    })
    const creating = <A>(name: string, fill: (write: Take) => Effect.Effect<A, PlatformError>) =>
      files.open(join(folder, name), { flag: "wx" }).pipe(
        // a write cannot be called back: left alone, it could go to whatever file has the closed one's number by then
        Effect.flatMap((target) =>
          Effect.zipLeft(
            fill((bytes) => Effect.uninterruptible(target.writeAll(bytes))),
            Effect.uninterruptible(target.sync)
          )
        ),
        Effect.scoped,
        Effect.mapError(unavailable)
      )
    return {
      topdir,
      flushFolders: () => {
        for (const path of folders) flush(join(topdir, path))
        folders.clear()
      },
      rpm: (rpm, file, name) =>
        creating(name, (write) => readChecked(rpm, write)).pipe(
          Effect.flatMap(orBadFile(file)),
          Effect.map((copied) => staged(name, copied))
        ),
      signedCopy: ({ primary, recorded, signatureHeader, file }, name) =>
        Effect.gen(function* () {
          const { lead, signature, restOffset } = yield* orBadFile(file)(
            signedCopyParts(primary.prefix, signatureHeader)
          )
          const whole = createHash("sha256").update(primary.prefix.subarray(0, restOffset))
          const signed = createHash("sha256").update(lead).update(signature)
          let size = lead.length + signature.length
          yield* creating(name, (write) =>
            Effect.gen(function* () {
              yield* write(lead)
              yield* write(signature)
              yield* readFrom(primary, restOffset, (chunk) => {
                whole.update(chunk)
                signed.update(chunk)
                size += chunk.length
                return write(chunk)
              })
            })
          )
          if (whole.digest("hex") !== recorded.sha256) {
            return yield* new BadRpmFile({ file, reason: "the primary copy in the topdir is not what was imported" })
          }
          return staged(name, { sha256: signed.digest("hex"), size })
        }),
      bytes: (content, name) =>
        Effect.as(
          creating(name, (write) => write(content)),
          staged(name, { sha256: createHash("sha256").update(content).digest("hex"), size: content.length })
        )
    }
  })

const makeFolder = (files: FileSystem, work: string): Effect.Effect<string, PlatformError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* files.makeDirectory(work, { recursive: true })
    yield* removeLeftovers(files, work)
    return yield* Effect.acquireRelease(files.makeTempDirectory({ directory: work, prefix: "import-" }), (folder) =>
      Effect.orDie(files.remove(folder, { recursive: true, force: true }))
    )
  })

const DAY = 24 * 60 * 60 * 1000

/** Removes what killed processes left: folders in which nothing has happened for a day. */
const removeLeftovers = (files: FileSystem, work: string): Effect.Effect<void, PlatformError> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const names = yield* files.readDirectory(work)
    for (const name of names.filter((name) => name.startsWith("import-"))) {
      const folder = join(work, name)
      const changed = Option.flatMap(yield* Effect.option(files.stat(folder)), ({ mtime }) => mtime)
      if (Option.exists(changed, (time) => now - time.getTime() > DAY)) {
        yield* files.remove(folder, { recursive: true, force: true })
      }
    }
  })

/** Reads a package to its end, checking every digest it has. */
export const verifyRpm = (rpm: OpenRpm, file: string): Effect.Effect<RpmCopy, BadRpmFile> =>
  readChecked(rpm, () => Effect.void).pipe(
    Effect.mapError((error) => new BadRpmFile({ file, reason: fileProblem(error) })),
    Effect.flatMap(orBadFile(file))
  )

const orBadFile =
  (file: string) =>
  <A>(result: Either.Either<A, BadPackage>): Either.Either<A, BadRpmFile> =>
    Either.mapLeft(result, ({ reason }) => new BadRpmFile({ file, reason }))

/** Takes a piece of a file, which is overwritten with the next one afterwards. */
type Take = (chunk: Uint8Array) => Effect.Effect<void, PlatformError>

/** Gives all of a package to `take`, checking every digest it has. */
const readChecked = (rpm: OpenRpm, take: Take): Effect.Effect<Either.Either<RpmCopy, BadPackage>, PlatformError> =>
  Effect.gen(function* () {
    const digests = startDigests(rpm.head)
    yield* readFrom(rpm, 0, (chunk) => {
      digests.update(chunk)
      return take(chunk)
    })
    return digests.finish()
  })

const CHUNK = 1024 * 1024

/**
 * Gives a package, from an offset within its prefix to its end, to `take`. What was read as the head is what is given,
 * also when the file changes meanwhile.
 */
const readFrom = ({ opened, size, prefix }: OpenRpm, offset: number, take: Take): Effect.Effect<void, PlatformError> =>
  Effect.gen(function* () {
    yield* take(prefix.subarray(offset))
    yield* opened.seek(prefix.length, "start")
    // no bigger than need be: thousands of big buffers keep the garbage collector busy
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, size - prefix.length)))
    for (;;) {
      const bytesRead = Number(yield* opened.read(buffer))
      if (bytesRead === 0) return
      yield* take(buffer.subarray(0, bytesRead))
    }
  })
