import { createHash } from "node:crypto"
import { Either } from "effect"
import { dependencyFor, leadNumber } from "./arches.ts"
import {
  binEntry,
  HeaderUnreadable,
  int32Entry,
  isText,
  type RawEntry,
  readHeader,
  stringEntry,
  stringsOf,
  withStrings,
  writeHeader
} from "./header-writer.ts"
import { withOtherWords } from "./texture.ts"

/** A real package, read once, of which clones are made. */
export interface Model {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly lead: Buffer
  readonly entries: ReadonlyArray<RawEntry>
  /** Uncompressed payload size in bytes, where the package says it. */
  readonly archiveSize: number | undefined
  /** Size of the main header in bytes. */
  readonly headerSize: number
  /** How many of each the package has. */
  readonly files: number
  readonly provides: number
  readonly requires: number
  readonly changelogs: number
}

/** What of the model changes in a clone. */
export interface CloneIdentity {
  readonly name: string
  readonly release: string
  readonly arch: string
  /** The name of the build, hence of the source package `<build>-<version>-<release>.src.rpm`. */
  readonly build: string
  readonly buildTimeShift: number
}

const leadSize = 96
const leadMagic = Buffer.from("edabeedb", "hex")
const tag = {
  signatureRegion: 62,
  mainRegion: 63,
  name: 1000,
  version: 1001,
  release: 1002,
  summary: 1004,
  description: 1005,
  buildTime: 1006,
  url: 1020,
  arch: 1022,
  sourceRpm: 1044,
  provideName: 1047,
  requireName: 1049,
  changelogTime: 1080,
  changelogName: 1081,
  changelogText: 1082,
  provideVersion: 1113,
  baseNames: 1117,
  payloadDigest: 5092,
  payloadDigestAlt: 5097,
  rpmFormat: 5114
} as const
const signatureTag = { sha1: 269, sha256: 273, size: 1000, md5: 1004, payloadSize: 1007 } as const

/** Of the words of a clone so many are its own; set so that metadata compresses as that of a real repository does. */
const ownWords = { fileNames: 0.75, texts: 1, changelogs: 1, requires: 0.5 } as const

/**
 * A package like the model under another name: the real header with name, release, arch, source package, self-provides and what
 * depends on the arch rewritten, this payload, and a signature header whose digests hold, so that rpm and createrepo_c read it as any other package.
 */
export const cloneRpm = (model: Model, identity: CloneIdentity, payload: Buffer): Buffer => {
  const header = writeHeader(
    tag.mainRegion,
    model.entries.map((entry) => rewritten(model, identity, entry, payload))
  )
  const signature = writeHeader(tag.signatureRegion, [
    stringEntry(signatureTag.sha1, createHash("sha1").update(header).digest("hex")),
    stringEntry(signatureTag.sha256, createHash("sha256").update(header).digest("hex")),
    int32Entry(signatureTag.size, header.length + payload.length),
    binEntry(signatureTag.md5, createHash("md5").update(header).update(payload).digest()),
    ...(model.archiveSize === undefined ? [] : [int32Entry(signatureTag.payloadSize, model.archiveSize)])
  ])
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8)
  return Buffer.concat([leadFor(model, identity), signature, padding, header, payload])
}

/**
 * Reads a package as a model. A Left for what clones cannot stand for: other formats than v4, source packages, a bad lead, a header digest that
 * does not hold, text that is not clean UTF-8 (createrepo_c leaves such packages out).
 */
export const readModel = (file: Buffer): Either.Either<Model, HeaderUnreadable> =>
  Either.gen(function* () {
    if (!file.subarray(0, 4).equals(leadMagic)) return yield* refused("its lead is none")
    const signature = yield* readHeader(file, leadSize)
    const start = leadSize + Math.ceil((signature.end - leadSize) / 8) * 8
    const main = yield* readHeader(file, start)
    const text = (wanted: number): string | undefined => {
      const entry = main.entries.find((each) => each.tag === wanted)
      return entry === undefined ? undefined : stringsOf(entry)[0]
    }
    const count = (wanted: number): number => main.entries.find((entry) => entry.tag === wanted)?.count ?? 0
    const [name, version, release, arch] = [tag.name, tag.version, tag.release, tag.arch].map(text)
    if (name === undefined || version === undefined || release === undefined || arch === undefined)
      return yield* refused("it has no name, version, release or arch")
    if (main.region === undefined || main.entries.some((entry) => entry.tag === tag.rpmFormat))
      return yield* refused("it is not of format v4")
    if (text(tag.sourceRpm) === undefined) return yield* refused("it is a source package")
    if (!main.entries.every(hasCleanText)) return yield* refused("its text is not clean UTF-8")
    const sha1 = signature.entries.find((entry) => entry.tag === signatureTag.sha1)
    const headerBytes = file.subarray(start, main.end)
    if (sha1 === undefined || stringsOf(sha1)[0] !== createHash("sha1").update(headerBytes).digest("hex"))
      return yield* refused("its header digest does not hold")
    const payloadSize = signature.entries.find((entry) => entry.tag === signatureTag.payloadSize)
    return {
      name,
      version,
      release,
      arch,
      lead: file.subarray(0, leadSize),
      // The digest of the uncompressed payload cannot hold for a payload that is not an archive.
      entries: main.entries.filter((entry) => entry.tag !== tag.payloadDigestAlt),
      archiveSize: payloadSize?.data.readUInt32BE(0),
      headerSize: headerBytes.length,
      files: count(tag.baseNames),
      provides: count(tag.provideName),
      requires: count(tag.requireName),
      changelogs: count(tag.changelogTime)
    }
  })

const refused = (reason: string) => Either.left(new HeaderUnreadable({ reason }))

const rewritten = (model: Model, identity: CloneIdentity, entry: RawEntry, payload: Buffer): RawEntry => {
  switch (entry.tag) {
    case tag.name:
      return withStrings(entry, [identity.name])
    case tag.release:
      return withStrings(entry, [identity.release])
    case tag.sourceRpm:
      return withStrings(entry, [`${identity.build}-${model.version}-${identity.release}.src.rpm`])
    case tag.buildTime:
      return int32Entry(tag.buildTime, entry.data.readUInt32BE(0) + identity.buildTimeShift)
    case tag.baseNames:
      return { ...entry, data: withOtherWords(entry.data, identity.name, ownWords.fileNames) }
    case tag.summary:
    case tag.description:
      return { ...entry, data: withOtherWords(entry.data, identity.name, ownWords.texts) }
    case tag.url:
    case tag.changelogName:
    case tag.changelogText:
      return { ...entry, data: withOtherWords(entry.data, identity.build, ownWords.changelogs) }
    case tag.arch:
      return withStrings(entry, [identity.arch])
    case tag.requireName:
      return withStrings(
        entry,
        stringsOf(entry).map((name) => dependencyFor(ownRequirement(name, identity.build), model.arch, identity.arch))
      )
    case tag.provideName:
      return withStrings(
        entry,
        stringsOf(entry).map((name) =>
          dependencyFor(selfProvide(name, model.name, identity.name), model.arch, identity.arch)
        )
      )
    case tag.provideVersion: {
      const evr = `${model.version}-${model.release}`
      const own = (version: string): boolean => version === evr || version.endsWith(`:${evr}`)
      return withStrings(
        entry,
        stringsOf(entry).map((version) =>
          own(version) ? version.slice(0, -model.release.length) + identity.release : version
        )
      )
    }
    case tag.payloadDigest:
      return withStrings(entry, [createHash("sha256").update(payload).digest("hex")])
    default:
      return entry
  }
}

/** What rpm itself must be able to do stays as it is. */
const ownRequirement = (name: string, build: string): string =>
  name.startsWith("rpmlib(") ? name : withOtherWords(Buffer.from(name), build, ownWords.requires).toString()

/** `bash`, `bash(x86-64)` and `config(bash)` under the new name; any other provide as it is. */
const selfProvide = (provide: string, from: string, to: string): string => {
  if (provide === from) return to
  if (provide.startsWith(`${from}(`)) return to + provide.slice(from.length)
  return provide === `config(${from})` ? `config(${to})` : provide
}

const leadFor = (model: Model, identity: CloneIdentity): Buffer => {
  const lead = Buffer.from(model.lead)
  const number = leadNumber(identity.arch)
  if (number !== undefined && identity.arch !== model.arch) lead.writeUInt16BE(number, 8)
  lead.fill(0, 10, 76)
  lead.write(`${identity.name}-${model.version}-${identity.release}`, 10, 65, "latin1")
  return lead
}

const hasCleanText = (entry: RawEntry): boolean => {
  if (!isText(entry)) return true
  const text = entry.data.toString("utf8")
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return !/[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)
}
