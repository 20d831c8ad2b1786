import type { FileSystem } from "@effect/platform/FileSystem"
import { Effect, Either } from "effect"
import { primaryRpm, signatureHeaderFile } from "../koji/topdir.ts"
import { nvr } from "../rpm/nevra.ts"
import type { HubDatabase, Writing } from "./database.ts"
import { HubUnavailable, RpmsRefused } from "./errors.ts"
import { everyFile } from "./every-file.ts"
import type { ImportOutcome } from "./model.ts"
import { differenceFrom, importedPackage } from "./package-identity.ts"
import { packageId } from "./package-list.ts"
import { BadRpmFile, openRpm, type RpmFacts } from "./rpm-file.ts"
import { makeStaging, type StagedFile, type Staging, verifyRpm } from "./staging.ts"

/**
 * Imports packages. All files are read, checked and copied aside first; then build by build their files are moved into
 * place and their rows committed, in this order, so that whatever happens every row has its file.
 */
export const importRpms = (
  hub: HubDatabase,
  files: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<ImportOutcome>, HubUnavailable | RpmsRefused, FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const staging = yield* makeStaging(hub.topdir)
      const given = new Map<string, Given>()
      const prepared = yield* everyFile(files, (file, number) => prepare(hub, staging, given, file, String(number)))
      const outcomes = prepared
        .filter((rpm) => rpm.staged === undefined)
        .map((rpm) => outcomeOf(rpm, "already-imported"))
      const staged = [...given.values()].filter((rpm) => rpm.staged !== undefined)
      for (const rpms of Map.groupBy(staged, ({ facts }) => nvr(facts.build)).values()) {
        // as Koji does: the source rpm first, the others in the order given
        const ordered = [...rpms.filter(({ facts }) => facts.isSource), ...rpms.filter(({ facts }) => !facts.isSource)]
        outcomes.push(...(yield* hub.write((tx) => importBuild(tx, staging, ordered))))
      }
      return outcomes
    })
  )

/** Without the header, of which a big import would keep very many in memory. */
type Facts = Omit<RpmFacts, "signatureHeader">

interface Given {
  readonly file: string
  readonly facts: Facts
  /** Absent where the hub, or an earlier argument, has this very package. */
  readonly staged?: { readonly rpm: StagedFile; readonly signature: StagedFile }
}

const outcomeOf = ({ file, facts }: Given, outcome: ImportOutcome["outcome"]): ImportOutcome => ({
  file,
  nvra: facts.nvra,
  build: nvr(facts.build),
  sigkey: facts.sigkey,
  outcome
})

const prepare = (
  hub: HubDatabase,
  staging: Staging,
  given: Map<string, Given>,
  file: string,
  name: string
): Effect.Effect<Given, BadRpmFile | HubUnavailable, FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const rpm = yield* openRpm(file)
      const { signatureHeader, ...facts } = rpm.facts
      const imported = yield* hub.read((tx) => Either.right(importedPackage(tx, facts.nevra)))
      const earlier = given.get(facts.nvra)
      const known = imported ?? (earlier && identityOf(earlier))
      if (known !== undefined) {
        const { sha256 } = yield* verifyRpm(rpm, file)
        const difference = differenceFrom(known, facts.nvra, { payloadhash: facts.payloadhash, sha256 })
        if (difference === null) return { file, facts }
        const reason = imported
          ? `A different rpm with the same name has already been imported: ${difference}`
          : `it is another package than ${earlier?.file} but has the same name: ${difference}`
        return yield* new BadRpmFile({ file, reason })
      }
      const entry: Given = {
        file,
        facts,
        staged: {
          rpm: yield* staging.rpm(rpm, file, `${name}.rpm`),
          signature: yield* staging.bytes(signatureHeader, `${name}.sig`)
        }
      }
      given.set(facts.nvra, entry)
      return entry
    })
  )

const identityOf = ({ facts, staged }: Given) => ({
  payloadhash: facts.payloadhash,
  files: staged === undefined ? [] : [staged.rpm.sha256]
})

const importBuild = (
  tx: Writing,
  staging: Staging,
  rpms: ReadonlyArray<Given>
): Either.Either<ReadonlyArray<ImportOutcome>, RpmsRefused | HubUnavailable> =>
  Either.gen(function* () {
    // another process may have imported some of them since they were looked up
    const imported = rpms.map((rpm) => ({ rpm, known: importedPackage(tx, rpm.facts.nevra) }))
    const conflicts = imported.filter(({ rpm, known }) => {
      const [sha256 = ""] = identityOf(rpm).files
      return known && differenceFrom(known, rpm.facts.nvra, { payloadhash: rpm.facts.payloadhash, sha256 }) !== null
    })
    if (conflicts.length > 0) {
      return yield* Either.left(
        new RpmsRefused({
          problems: conflicts.map(({ rpm }) => ({
            file: rpm.file,
            reason: "A different rpm with the same name was imported at the same time"
          }))
        })
      )
    }
    const fresh = imported.filter(({ known }) => known === undefined).map(({ rpm }) => rpm)
    const [first] = fresh
    if (first !== undefined) {
      const event = tx.newEvent()
      const build = buildId(tx, first.facts, event)
      for (const rpm of fresh) yield* importRpm(tx, staging.topdir, rpm, build, event)
      staging.flushFolders()
    }
    return imported.map(({ rpm, known }) => outcomeOf(rpm, known === undefined ? "imported" : "already-imported"))
  })

/** The build, which is made with its first rpm; the epoch is that of the source rpm, which comes first, or else of the first one given. */
const buildId = (tx: Writing, { build, nevra }: Facts, event: number): number => {
  const key = { package: packageId(tx, build.name), version: build.version, release: build.release }
  return (
    tx.get<{ readonly id: number }>(
      "SELECT id FROM build WHERE package_id = :package AND version = :version AND release = :release",
      key
    )?.id ??
    tx.run(
      `INSERT INTO build (package_id, version, release, epoch, owner, create_event)
       VALUES (:package, :version, :release, :epoch, :user, :event)`,
      { ...key, epoch: nevra.epoch, user: tx.user, event }
    )
  )
}

const importRpm = (
  tx: Writing,
  topdir: string,
  { facts, staged }: Given,
  build: number,
  event: number
): Either.Either<void, HubUnavailable> =>
  Either.gen(function* () {
    if (staged === undefined) return
    const place = { ...facts.build, volume: null }
    const paths = Either.all([primaryRpm(place, facts.nevra), signatureHeaderFile(place, facts.nevra, facts.sigkey)])
    const [rpmPath, signaturePath] = yield* Either.mapLeft(
      paths,
      (unsafe) => new HubUnavailable({ topdir, reason: unsafe.message })
    )
    staged.rpm.placeAt(rpmPath)
    staged.signature.placeAt(signaturePath)
    const { name, version, release, epoch, arch } = facts.nevra
    const rpm = tx.run(
      `INSERT INTO rpm (build_id, name, version, release, epoch, arch, payloadhash, size, sha256, buildtime, create_event)
       VALUES (:build, :name, :version, :release, :epoch, :arch, :payloadhash, :size, :sha256, :buildtime, :event)`,
      {
        build,
        name,
        version,
        release,
        epoch,
        arch,
        payloadhash: facts.payloadhash,
        size: staged.rpm.size,
        sha256: staged.rpm.sha256,
        buildtime: facts.buildtime,
        event
      }
    )
    tx.run(
      "INSERT INTO rpm_signature (rpm_id, sigkey, sighash, create_event) VALUES (:rpm, :sigkey, :sighash, :event)",
      { rpm, sigkey: facts.sigkey, sighash: facts.sighash, event }
    )
  })
