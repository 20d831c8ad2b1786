import type { FileSystem } from "@effect/platform/FileSystem"
import { Effect, Either } from "effect"
import { signatureHeaderFile, signedRpm } from "../koji/topdir.ts"
import { HEADER_DIGESTS } from "../rpm/signature.ts"
import type { HubDatabase, Writing } from "./database.ts"
import { type HubUnavailable, RpmsRefused } from "./errors.ts"
import { everyFile } from "./every-file.ts"
import type { SignatureOutcome } from "./model.ts"
import { BadRpmFile, openRpm, type RpmFacts } from "./rpm-file.ts"
import { findRpm, findSignature, recordCopy, type StoredRpm, safePath, stageSignedCopy } from "./signed-copies.ts"
import { makeStaging, type StagedFile, type Staging } from "./staging.ts"

/**
 * Imports the signature headers of signed rpms. All files are checked, and with `write` all signed copies made aside,
 * before anything is recorded; then a build's signatures get one event. Unsigned files are passed over, as Koji does.
 */
export const importSignatures = (
  hub: HubDatabase,
  files: ReadonlyArray<string>,
  write: boolean
): Effect.Effect<ReadonlyArray<SignatureOutcome>, HubUnavailable | RpmsRefused, FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const staging = yield* makeStaging(hub.topdir)
      const earlier = new Map<string, string>()
      const given = yield* everyFile(files, (file, number) =>
        prepare({ hub, staging, write, earlier }, file, String(number))
      )
      const fresh = given.flatMap(({ fresh }) => fresh ?? [])
      const late = new Set<string>()
      for (const signatures of Map.groupBy(fresh, ({ rpm }) => rpm.buildId).values()) {
        for (const file of yield* hub.write((tx) => store(hub, tx, staging, signatures))) late.add(file)
      }
      return given.map(({ outcome }) =>
        late.has(outcome.file) ? { ...outcome, outcome: "already-imported", written: false } : outcome
      )
    })
  )

interface Given {
  readonly outcome: SignatureOutcome
  readonly fresh?: FreshSignature
}

interface FreshSignature {
  readonly file: string
  readonly rpm: StoredRpm
  readonly sigkey: string
  readonly sighash: string
  readonly header: StagedFile
  readonly copy?: StagedFile
}

interface Context {
  readonly hub: HubDatabase
  readonly staging: Staging
  readonly write: boolean
  /** md5 of the signature headers given before this file, by rpm id and key. */
  readonly earlier: Map<string, string>
}

const prepare = (
  context: Context,
  file: string,
  name: string
): Effect.Effect<Given, BadRpmFile | HubUnavailable, FileSystem> =>
  Effect.gen(function* () {
    const { hub, staging, write, earlier } = context
    const { facts, head } = yield* Effect.scoped(openRpm(file))
    const outcome = (word: SignatureOutcome["outcome"], written: boolean): SignatureOutcome => ({
      file,
      nvra: facts.nvra,
      sigkey: facts.sigkey,
      outcome: word,
      written
    })
    if (facts.sigkey === "") return { outcome: outcome("unsigned", false) }
    const { rpm, known } = yield* hub.read((tx) => {
      const rpm = findRpm(tx, facts.nevra)
      return Either.right({ rpm, known: rpm && findSignature(tx, rpm.id, facts.sigkey)?.sighash })
    })
    if (rpm === undefined) return yield* new BadRpmFile({ file, reason: `No such rpm in system: ${facts.nvra}` })
    if (rpm.payloadhash !== facts.payloadhash) {
      return yield* new BadRpmFile({ file, reason: `wrong md5 for ${facts.nvra}: ${facts.payloadhash}` })
    }
    // then the digests of the main header decide, which stageSignedCopy compares: they must be there
    if (facts.payloadhash === "" && !HEADER_DIGESTS.some(([, tag]) => head.signature.has(tag))) {
      return yield* new BadRpmFile({
        file,
        reason: `its signature header has no digest that shows it to be of ${facts.nvra}`
      })
    }
    const place = `${rpm.id} ${facts.sigkey}`
    const sighash = known ?? earlier.get(place)
    if (sighash !== undefined) {
      if (sighash === facts.sighash) return { outcome: outcome("already-imported", false) }
      return yield* new BadRpmFile({ file, reason: otherSignature(facts) })
    }
    const copy = yield* stageSignedCopy(hub, staging, rpm, { header: facts.signatureHeader, file }, `${name}.rpm`)
    earlier.set(place, facts.sighash)
    return {
      outcome: outcome("imported", write),
      fresh: {
        file,
        rpm,
        sigkey: facts.sigkey,
        sighash: facts.sighash,
        header: yield* staging.bytes(facts.signatureHeader, `${name}.sig`),
        ...(write && { copy })
      }
    }
  })

const otherSignature = ({ nvra, sigkey }: RpmFacts): string =>
  `signature mismatch: the system already has a signature of ${nvra} with key ${sigkey}, and this is not the same`

/** Stores the signatures of one build; gives the files whose signature another process stored meanwhile. */
const store = (
  hub: HubDatabase,
  tx: Writing,
  staging: Staging,
  signatures: ReadonlyArray<FreshSignature>
): Either.Either<ReadonlyArray<string>, RpmsRefused | HubUnavailable> =>
  Either.gen(function* () {
    const known = signatures.map((signature) => ({
      signature,
      sighash: findSignature(tx, signature.rpm.id, signature.sigkey)?.sighash
    }))
    const conflicts = known.filter(({ signature, sighash }) => sighash !== undefined && sighash !== signature.sighash)
    if (conflicts.length > 0) {
      const reason = "another signature with the same key was imported at the same time"
      return yield* Either.left(
        new RpmsRefused({ problems: conflicts.map(({ signature }) => ({ file: signature.file, reason })) })
      )
    }
    const fresh = known.filter(({ sighash }) => sighash === undefined).map(({ signature }) => signature)
    if (fresh.length > 0) {
      const event = tx.newEvent()
      for (const { rpm, sigkey, sighash, header, copy } of fresh) {
        header.placeAt(yield* safePath(hub, signatureHeaderFile(rpm.place, rpm, sigkey)))
        copy?.placeAt(yield* safePath(hub, signedRpm(rpm.place, rpm, sigkey)))
        tx.run(
          "INSERT INTO rpm_signature (rpm_id, sigkey, sighash, create_event) VALUES (:rpm, :sigkey, :sighash, :event)",
          { rpm: rpm.id, sigkey, sighash, event }
        )
        if (copy) recordCopy(tx, rpm.id, sigkey, copy, () => event)
      }
      staging.flushFolders()
    }
    return known.filter(({ sighash }) => sighash !== undefined).map(({ signature }) => signature.file)
  })
