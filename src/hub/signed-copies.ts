import { createHash } from "node:crypto"
import { join } from "node:path"
import { FileSystem } from "@effect/platform/FileSystem"
import { Effect, Either, Option } from "effect"
import {
  type BuildPlace,
  primaryRpm,
  type RpmName,
  signatureHeaderFile,
  signedRpm,
  type UnsafePath
} from "../koji/topdir.ts"
import { nvra, parseNvra } from "../rpm/nevra.ts"
import type { HubDatabase, Reading, Writing } from "./database.ts"
import { HubRefused, HubUnavailable, NoSuchRpm } from "./errors.ts"
import { fileProblem } from "./file-failure.ts"
import type { RpmCopy, WriteOutcome } from "./model.ts"
import { refuseAny } from "./refuse-any.ts"
import { BadRpmFile, openRpm } from "./rpm-file.ts"
import { makeStaging, type StagedFile, type Staging } from "./staging.ts"

/** Writes the signed copies of rpms from signature headers that were imported before. */
export const writeSignedRpms = (
  hub: HubDatabase,
  key: string,
  nvras: ReadonlyArray<string>,
  force: boolean
): Effect.Effect<ReadonlyArray<WriteOutcome>, HubUnavailable | NoSuchRpm | HubRefused, FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const files = yield* FileSystem
      const sigkey = key.toLowerCase()
      const rpms = yield* hub.read((tx) => rpmsToSign(tx, nvras, sigkey))
      const staging = yield* makeStaging(hub.topdir)
      const outcomes: Array<WriteOutcome> = []
      for (const [number, rpm] of rpms.entries()) {
        const path = yield* safePath(hub, signedRpm(rpm.place, rpm, sigkey))
        const kept = !force && rpm.hasCopy
        if (kept && (yield* Effect.orElseSucceed(files.exists(join(hub.topdir, path)), () => false))) {
          outcomes.push({ nvra: nvra(rpm), outcome: "already-written" })
          continue
        }
        const copy = yield* stageFromCache(hub, staging, rpm, sigkey, `${number}.rpm`).pipe(
          Effect.catchTag("BadRpmFile", (bad) => new HubRefused({ reason: bad.message }))
        )
        yield* hub.write((tx) => {
          copy.placeAt(path)
          staging.flushFolders()
          recordCopy(tx, rpm.id, sigkey, copy, tx.newEvent)
          return Either.void
        })
        outcomes.push({ nvra: nvra(rpm), outcome: "written" })
      }
      return outcomes
    })
  )

/** An rpm of the hub, as far as its files need it. */
export interface StoredRpm extends RpmName {
  readonly id: number
  readonly buildId: number
  readonly place: BuildPlace
  readonly payloadhash: string
  readonly primary: RpmCopy
}

export const findRpm = (tx: Reading, name: RpmName): StoredRpm | undefined => {
  const row = tx.get<StoredRpmRow>(
    `SELECT rpm.id, rpm.build_id, rpm.payloadhash, rpm.sha256, rpm.size,
       package.name AS build_name, build.version AS build_version, build.release AS build_release
     FROM rpm JOIN build ON build.id = rpm.build_id JOIN package ON package.id = build.package_id
     WHERE rpm.name = :name AND rpm.version = :version AND rpm.release = :release AND rpm.arch = :arch`,
    { name: name.name, version: name.version, release: name.release, arch: name.arch }
  )
  return (
    row && {
      name: name.name,
      version: name.version,
      release: name.release,
      arch: name.arch,
      id: row.id,
      buildId: row.build_id,
      place: { volume: null, name: row.build_name, version: row.build_version, release: row.build_release },
      payloadhash: row.payloadhash,
      primary: { sha256: row.sha256, size: row.size }
    }
  )
}

/** The stored signature of an rpm: the md5 of its header, and whether a signed copy is recorded. */
export const findSignature = (tx: Reading, rpm: number, sigkey: string) =>
  tx.get<{ readonly sighash: string; readonly copies: number }>(
    `SELECT sighash, (SELECT count(*) FROM rpm_copy copy WHERE copy.rpm_id = signature.rpm_id AND copy.sigkey = signature.sigkey) AS copies
     FROM rpm_signature signature WHERE rpm_id = :rpm AND sigkey = :sigkey`,
    { rpm, sigkey }
  )

/** Makes a signed copy aside. `file` is named where the signature header does not fit. */
export const stageSignedCopy = (
  hub: HubDatabase,
  staging: Staging,
  rpm: StoredRpm,
  signature: { readonly header: Uint8Array; readonly file: string },
  name: string
): Effect.Effect<StagedFile, BadRpmFile | HubUnavailable, FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const path = yield* safePath(hub, primaryRpm(rpm.place, rpm))
      const primary = yield* openRpm(join(hub.topdir, path))
      return yield* staging.signedCopy(
        { primary, recorded: rpm.primary, signatureHeader: signature.header, file: signature.file },
        name
      )
    })
  )

/** Records a signed copy; one that is the same as before stays as it was, and allocates no event. */
export const recordCopy = (tx: Writing, rpm: number, sigkey: string, copy: RpmCopy, event: () => number): void => {
  const known = tx.get<RpmCopy>("SELECT sha256, size FROM rpm_copy WHERE rpm_id = :rpm AND sigkey = :sigkey", {
    rpm,
    sigkey
  })
  if (known?.sha256 === copy.sha256 && known.size === copy.size) return
  tx.run(
    `INSERT INTO rpm_copy (rpm_id, sigkey, sha256, size, create_event) VALUES (:rpm, :sigkey, :sha256, :size, :event)
     ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, size = excluded.size, create_event = excluded.create_event`,
    { rpm, sigkey, sha256: copy.sha256, size: copy.size, event: event() }
  )
}

/** A path made of names that were checked when they were imported: unsafe ones mean a damaged database. */
export const safePath = (
  hub: HubDatabase,
  path: Either.Either<string, UnsafePath>
): Either.Either<string, HubUnavailable> =>
  Either.mapLeft(path, (unsafe) => new HubUnavailable({ topdir: hub.topdir, reason: unsafe.message }))

interface StoredRpmRow {
  readonly id: number
  readonly build_id: number
  readonly payloadhash: string
  readonly sha256: string
  readonly size: number
  readonly build_name: string
  readonly build_version: string
  readonly build_release: string
}

interface RpmToSign extends StoredRpm {
  readonly sighash: string
  readonly hasCopy: boolean
}

const rpmsToSign = (
  tx: Reading,
  nvras: ReadonlyArray<string>,
  sigkey: string
): Either.Either<ReadonlyArray<RpmToSign>, NoSuchRpm | HubRefused> =>
  Either.gen(function* () {
    const rpms: Array<RpmToSign> = []
    const unknown: Array<string> = []
    const unsigned: Array<string> = []
    for (const text of nvras) {
      const rpm = Option.getOrUndefined(Either.getRight(parseNvra(text)).pipe(Option.map((name) => findRpm(tx, name))))
      const signature = rpm && findSignature(tx, rpm.id, sigkey)
      if (!rpm) unknown.push(text)
      else if (!signature) unsigned.push(text)
      else rpms.push({ ...rpm, sighash: signature.sighash, hasCopy: signature.copies > 0 })
    }
    if (unknown.length > 0) return yield* Either.left(new NoSuchRpm({ rpms: unknown }))
    yield* refuseAny(unsigned.map((text) => `No cached signature for package ${text}, key ${sigkey}`))
    return rpms
  })

const stageFromCache = (hub: HubDatabase, staging: Staging, rpm: RpmToSign, sigkey: string, name: string) =>
  Effect.gen(function* () {
    const file = join(hub.topdir, yield* safePath(hub, signatureHeaderFile(rpm.place, rpm, sigkey)))
    const files = yield* FileSystem
    const header = yield* Effect.mapError(
      files.readFile(file),
      (error) => new BadRpmFile({ file, reason: fileProblem(error) })
    )
    if (createHash("md5").update(header).digest("hex") !== rpm.sighash) {
      return yield* new BadRpmFile({ file, reason: "the signature header is not what was imported" })
    }
    return yield* stageSignedCopy(hub, staging, rpm, { header, file }, name)
  })
