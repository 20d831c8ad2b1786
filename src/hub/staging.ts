import { createHash } from "node:crypto"
import { mkdirSync, renameSync } from "node:fs"
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect, Either, type Scope } from "effect"
import type { BadPackage } from "../rpm/bad-package.ts"
import { startDigests } from "../rpm/package-digests.ts"
import { signedCopyParts } from "../rpm/signature.ts"
import { HubUnavailable } from "./errors.ts"
import type { RpmCopy } from "./model.ts"
import { BadRpmFile, type OpenRpm } from "./rpm-file.ts"

/** Files that are whole and checked but not in their places yet: on the topdir's file system, so that a rename takes them there. */
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
}

export interface StagedFile extends RpmCopy {
  /** Moves the file to its place below the topdir, over what is there. Throws. */
  readonly placeAt: (path: string) => void
}

/** A new staging folder, removed with the scope. */
export const makeStaging = (topdir: string): Effect.Effect<Staging, HubUnavailable, Scope.Scope> => {
  const attempt = <A>(work: () => Promise<A>) =>
    Effect.tryPromise({
      try: work,
      catch: (cause) => new HubUnavailable({ topdir, reason: cause instanceof Error ? cause.message : String(cause) })
    })
  const work = join(topdir, "work")
  return Effect.acquireRelease(
    attempt(async () => {
      await mkdir(work, { recursive: true })
      await removeLeftovers(work)
      return mkdtemp(join(work, "import-"))
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  ).pipe(
    Effect.map((folder): Staging => {
      const staged = (name: string, copy: RpmCopy): StagedFile => ({
        ...copy,
        placeAt: (path) => {
          const target = join(topdir, path)
          mkdirSync(dirname(target), { recursive: true })
          renameSync(join(folder, name), target)
        }
      })
      const creating = <A>(name: string, write: (target: FileHandle) => Promise<A>) =>
        attempt(async () => {
          const target = await open(join(folder, name), "wx")
          try {
            return await write(target)
          } finally {
            await target.close()
          }
        })
      return {
        topdir,
        rpm: (rpm, file, name) =>
          creating(name, async (target) => {
            const digests = startDigests(rpm.head)
            for await (const chunk of contentFrom(rpm, 0)) {
              digests.update(chunk)
              await writeAll(target, chunk)
            }
            return digests.finish()
          }).pipe(
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
            const size = yield* creating(name, async (target) => {
              await writeAll(target, lead)
              await writeAll(target, signature)
              let written = lead.length + signature.length
              for await (const chunk of contentFrom(primary, restOffset)) {
                whole.update(chunk)
                signed.update(chunk)
                await writeAll(target, chunk)
                written += chunk.length
              }
              return written
            })
            if (whole.digest("hex") !== recorded.sha256) {
              return yield* new BadRpmFile({ file, reason: "the primary copy in the topdir is not what was imported" })
            }
            return staged(name, { sha256: signed.digest("hex"), size })
          }),
        bytes: (content, name) =>
          attempt(() => writeFile(join(folder, name), content, { flag: "wx" })).pipe(
            Effect.as(
              staged(name, { sha256: createHash("sha256").update(content).digest("hex"), size: content.length })
            )
          )
      }
    })
  )
}

const DAY = 24 * 60 * 60 * 1000

/** Removes what killed processes left: folders in which nothing has happened for a day. */
const removeLeftovers = async (work: string): Promise<void> => {
  for (const name of await readdir(work)) {
    const folder = join(work, name)
    const status = name.startsWith("import-") ? await stat(folder).catch(() => undefined) : undefined
    if (status && Date.now() - status.mtimeMs > DAY) await rm(folder, { recursive: true, force: true })
  }
}

/** Reads a package to its end, checking every digest it has. */
export const verifyRpm = (rpm: OpenRpm, file: string): Effect.Effect<RpmCopy, BadRpmFile> =>
  Effect.tryPromise({
    try: async () => {
      const digests = startDigests(rpm.head)
      for await (const chunk of contentFrom(rpm, 0)) digests.update(chunk)
      return digests.finish()
    },
    catch: (cause) => new BadRpmFile({ file, reason: cause instanceof Error ? cause.message : String(cause) })
  }).pipe(Effect.flatMap(orBadFile(file)))

const orBadFile =
  (file: string) =>
  <A>(result: Either.Either<A, BadPackage>): Either.Either<A, BadRpmFile> =>
    Either.mapLeft(result, ({ reason }) => new BadRpmFile({ file, reason }))

const CHUNK = 1024 * 1024

/**
 * A package from an offset within its prefix to its end; a chunk is valid until the next. What was read as the head is
 * what is given, also when the file changes meanwhile.
 */
async function* contentFrom({ handle, prefix }: OpenRpm, offset: number): AsyncGenerator<Uint8Array> {
  yield prefix.subarray(offset)
  const buffer = Buffer.allocUnsafe(CHUNK)
  for (let at = prefix.length; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

const writeAll = async (target: FileHandle, bytes: Uint8Array): Promise<void> => {
  let at = 0
  while (at < bytes.length) at += (await target.write(bytes, at, bytes.length - at)).bytesWritten
}
