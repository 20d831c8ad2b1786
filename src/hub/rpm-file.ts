import { createHash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import { Data, Effect, Either } from "effect"
import { signatureHeaderFile } from "../koji/topdir.ts"
import { BadPackage } from "../rpm/bad-package.ts"
import { isSourcePackage } from "../rpm/merged-view.ts"
import { type Nevra, type Nvr, nevraOf, nvra, parseNvra, unsafeSegment } from "../rpm/nevra.ts"
import { isDeltaRpm } from "../rpm/package-digests.ts"
import { headBytesNeeded, LEAD_SIZE, type PackageHead, readPackageHead } from "../rpm/package-head.ts"
import { sigkeyOf, sigmd5Of } from "../rpm/signature.ts"
import { Tag } from "../rpm/tags.ts"

/** A given file that cannot be taken. */
export class BadRpmFile extends Data.TaggedError("BadRpmFile")<{ readonly file: string; readonly reason: string }> {
  override get message(): string {
    return `${this.file}: ${this.reason}`
  }
}

/** What the hub wants to know of a package, from its head. */
export interface RpmFacts {
  readonly nevra: Nevra
  readonly nvra: string
  readonly build: Nvr
  readonly isSource: boolean
  readonly sigkey: string
  /** The raw signature header, as Koji's sigcache keeps it. */
  readonly signatureHeader: Uint8Array
  /** md5 of the signature header, in hex. */
  readonly sighash: string
  readonly payloadhash: string
  /** Unix time in seconds. */
  readonly buildtime: number
}

/** An open package file whose head has been read. */
export interface OpenRpm {
  readonly handle: FileHandle
  readonly head: PackageHead
  /** The file's first bytes: all of the head, and what was read beyond it. */
  readonly prefix: Uint8Array
  readonly facts: RpmFacts
}

/** Opens a package and reads its head; closed with the scope. Everything wrong with the file is a `BadRpmFile`. */
export const openRpm = (file: string) =>
  Effect.gen(function* () {
    const handle = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => open(file, "r"), catch: (cause) => badFile(file, cause) }),
      (opened) => Effect.promise(() => opened.close())
    )
    const prefix = yield* readPrefix(handle, file)
    const { head, facts } = yield* Either.mapLeft(factsOf(prefix), (bad) => badFile(file, bad))
    return { handle, head, prefix, facts } satisfies OpenRpm
  })

/** Most heads are shorter; of the others exactly what is missing is read after this. */
const FIRST_READ = 16 * 1024

const readPrefix = (handle: FileHandle, file: string): Effect.Effect<Uint8Array, BadRpmFile> =>
  Effect.gen(function* () {
    const attempt = <A>(read: () => Promise<A>) =>
      Effect.tryPromise({ try: read, catch: (cause) => badFile(file, cause) })
    const stat = yield* attempt(() => handle.stat())
    if (!stat.isFile()) return yield* new BadRpmFile({ file, reason: "it is not a regular file" })
    let prefix = yield* attempt(() => readBytes(handle, Math.min(FIRST_READ, stat.size)))
    for (;;) {
      const needed = yield* Either.mapLeft(headBytesNeeded(prefix), (bad) => badFile(file, bad))
      if (needed <= prefix.length) return prefix
      if (needed > stat.size) return yield* new BadRpmFile({ file, reason: "the file ends inside its headers" })
      prefix = yield* attempt(() => readBytes(handle, needed))
    }
  })

const readBytes = async (handle: FileHandle, length: number): Promise<Uint8Array> => {
  const buffer = Buffer.alloc(length)
  let at = 0
  while (at < length) {
    const { bytesRead } = await handle.read(buffer, at, length - at, at)
    if (bytesRead === 0) throw new Error("the file became shorter while it was read")
    at += bytesRead
  }
  return buffer
}

const badFile = (file: string, cause: unknown): BadRpmFile =>
  new BadRpmFile({
    file,
    reason: cause instanceof BadPackage ? cause.reason : cause instanceof Error ? cause.message : String(cause)
  })

const factsOf = (
  prefix: Uint8Array
): Either.Either<{ readonly head: PackageHead; readonly facts: RpmFacts }, BadPackage> =>
  Either.gen(function* () {
    const head = yield* readPackageHead(prefix)
    if (isDeltaRpm(head)) return yield* bad("it is a delta rpm; import the whole package")
    const nevra = yield* nevraOf(head)
    for (const part of ["version", "release"] as const) {
      if (nevra[part].includes("-")) return yield* bad(`its ${part} '${nevra[part]}' contains a dash`)
    }
    const isSource = isSourcePackage(head)
    const build = isSource ? nevra : yield* sourceBuild(head.main.string(Tag.sourceRpm))
    const signatureHeader = prefix.slice(LEAD_SIZE, head.headerStart)
    const facts = {
      nevra,
      nvra: nvra(nevra),
      build: { name: build.name, version: build.version, release: build.release },
      isSource,
      sigkey: yield* sigkeyOf(head.signature),
      signatureHeader,
      sighash: createHash("md5").update(signatureHeader).digest("hex"),
      payloadhash: sigmd5Of(head),
      buildtime: head.main.number(Tag.buildTime) ?? 0
    }
    // the longest of the paths that will be made of these names
    yield* Either.mapLeft(
      signatureHeaderFile({ ...facts.build, volume: null }, nevra, facts.sigkey),
      (unsafe) => new BadPackage({ reason: unsafe.message })
    )
    return { head, facts }
  })

const sourceBuild = (sourceRpm: string | undefined): Either.Either<Nvr, BadPackage> =>
  Either.gen(function* () {
    if (sourceRpm === undefined) return yield* bad("its header names no source rpm, so it belongs to no build")
    const build = yield* Either.mapLeft(
      parseNvra(sourceRpm),
      () => new BadPackage({ reason: `its source rpm's name '${sourceRpm}' is not name-version-release.arch.rpm` })
    )
    for (const part of ["name", "version", "release"] as const) {
      const problem = unsafeSegment(build[part])
      if (problem !== null) return yield* bad(`the ${part} in its source rpm's name '${sourceRpm}' ${problem}`)
    }
    return build
  })

const bad = (reason: string): Either.Either<never, BadPackage> => Either.left(new BadPackage({ reason }))
