import { createHash } from "node:crypto"
import { join } from "node:path"
import type { PlatformError } from "@effect/platform/Error"
import { type File, FileSystem } from "@effect/platform/FileSystem"
import { Data, Effect, Either, type Scope } from "effect"
import { signatureHeaderFile } from "../koji/topdir.ts"
import { BadPackage } from "../rpm/bad-package.ts"
import { isSourcePackage } from "../rpm/merged-view.ts"
import { type Nevra, type Nvr, nevraOf, nvra, parseNvra, unsafeSegment } from "../rpm/nevra.ts"
import { isDeltaRpm } from "../rpm/package-digests.ts"
import { headBytesNeeded, LEAD_SIZE, type PackageHead, readPackageHead } from "../rpm/package-head.ts"
import { sigkeyOf, sigmd5Of } from "../rpm/signature.ts"
import { Tag } from "../rpm/tags.ts"
import { fileProblem } from "./file-failure.ts"

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
  readonly opened: File
  /** In bytes, when it was opened. */
  readonly size: number
  readonly head: PackageHead
  /** The file's first bytes: all of the head, and what was read beyond it. */
  readonly prefix: Uint8Array
  readonly facts: RpmFacts
}

/** Opens a package and reads its head; closed with the scope. Everything wrong with the file is a `BadRpmFile`. */
export const openRpm = (file: string): Effect.Effect<OpenRpm, BadRpmFile, FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    const opened = yield* files.open(file)
    const info = yield* opened.stat
    if (info.type === "Directory")
      return yield* bad(`it is a directory; for what is in it, give ${join(file, "*.rpm")}`)
    if (info.type !== "File") return yield* bad("it is not a regular file")
    const size = Number(info.size)
    const prefix = yield* readPrefix(opened, size)
    const { head, facts } = yield* factsOf(prefix)
    return { opened, size, head, prefix, facts }
  }).pipe(
    Effect.mapError(
      (wrong) => new BadRpmFile({ file, reason: wrong._tag === "BadPackage" ? wrong.reason : fileProblem(wrong) })
    )
  )

/** Most heads are shorter; of the others exactly what is missing is read after this. */
const FIRST_READ = 16 * 1024

const readPrefix = (opened: File, size: number): Effect.Effect<Uint8Array, BadPackage | PlatformError> =>
  Effect.gen(function* () {
    let prefix = yield* readBytes(opened, Math.min(FIRST_READ, size))
    for (;;) {
      const needed = yield* headBytesNeeded(prefix)
      if (needed <= prefix.length) return prefix
      if (needed > size) return yield* bad("the file ends inside its headers")
      prefix = Buffer.concat([prefix, yield* readBytes(opened, needed - prefix.length)])
    }
  })

const readBytes = (opened: File, length: number): Effect.Effect<Uint8Array, BadPackage | PlatformError> =>
  Effect.gen(function* () {
    const buffer = Buffer.alloc(length)
    for (let at = 0; at < length; ) {
      const bytesRead = Number(yield* opened.read(buffer.subarray(at)))
      if (bytesRead === 0) return yield* bad("the file became shorter while it was read")
      at += bytesRead
    }
    return buffer
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
