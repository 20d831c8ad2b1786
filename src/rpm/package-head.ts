import { Either } from "effect"
import { BadPackage } from "./bad-package.ts"
import { type Header, readHeader } from "./header.ts"
import { headerSize, INTRO_SIZE } from "./header-layout.ts"
import { TagType } from "./tag-types.ts"
import { SignatureTag, Tag } from "./tags.ts"

/** All of a package file before its payload. */
export interface PackageHead {
  readonly signature: Header
  readonly main: Header
  /** Offset in the file at which the main header starts; behind the signature header's padding. */
  readonly headerStart: number
  /** Offset at which the main header ends and the payload starts. */
  readonly headerEnd: number
}

/** Bytes of the lead, which every package starts with; the signature header comes right behind it. */
export const LEAD_SIZE = 96

/**
 * How many bytes from the start of a file its head takes, as far as this prefix of the file tells: while the answer
 * is more than the prefix has, read that many and ask again (three times at most). The answer is below 384 MiB whatever the
 * file says; a reader must still compare it with the file's size before it allocates.
 */
export const headBytesNeeded = (prefix: Uint8Array): Either.Either<number, BadPackage> => {
  const lead = checkLead(prefix)
  if (Either.isLeft(lead)) return Either.left(lead.left)
  if (prefix.length < LEAD_SIZE + INTRO_SIZE) return Either.right(LEAD_SIZE + INTRO_SIZE)
  return Either.flatMap(mainHeaderStart(prefix), (start) =>
    prefix.length < start + INTRO_SIZE
      ? Either.right(start + INTRO_SIZE)
      : Either.map(headerSize(prefix, start, "main"), (size) => start + size)
  )
}

/**
 * Reads lead, signature header and main header. `bytes` must hold the file from its start to at least the end of the
 * head (see `headBytesNeeded`); it is not copied. Takes v3, v4 and v6 packages and refuses all that rpm refuses,
 * also signature tags of a wrong type or size and those that clash with the main header.
 * Source: RPM file format; what is refused follows rpm 4.18.
 */
export const readPackageHead = (bytes: Uint8Array): Either.Either<PackageHead, BadPackage> =>
  Either.gen(function* () {
    yield* checkLead(bytes)
    if (bytes.length < LEAD_SIZE) return yield* bad("the file ends inside the lead, its first 96 bytes")
    const headerStart = yield* mainHeaderStart(bytes)
    const signature = yield* readHeader(bytes, LEAD_SIZE, "signature")
    const main = yield* readHeader(bytes, headerStart, "main")
    const clash = mergeProblem(signature, main)
    if (clash !== undefined) return yield* bad(clash)
    return { signature, main, headerStart, headerEnd: headerStart + main.size }
  })

const LEAD_MAGIC = [0xed, 0xab, 0xee, 0xdb] as const
const HEADER_STYLE_SIGNATURE = 5

const bad = (reason: string): Either.Either<never, BadPackage> => Either.left(new BadPackage({ reason }))

const checkLead = (bytes: Uint8Array): Either.Either<void, BadPackage> => {
  if (bytes.length === 0) return bad("the file is empty")
  if (LEAD_MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) {
    return bad(
      bytes[0] === 0x64 && bytes[1] === 0x72 && bytes[2] === 0x70 && bytes[3] === 0x6d
        ? "it is a delta rpm, which can only be applied to an installed package"
        : "the file does not start as a package does"
    )
  }
  const major = bytes[4]
  if (major !== undefined && major !== 3 && major !== 4) return bad(`its lead has the unknown version ${major}`)
  const style = bytes.length < 80 ? HEADER_STYLE_SIGNATURE : 256 * (bytes[78] ?? 0) + (bytes[79] ?? 0)
  return style === HEADER_STYLE_SIGNATURE ? Either.void : bad(`its lead has the unknown signature type ${style}`)
}

/** The signature header is padded to a multiple of 8 bytes. */
const mainHeaderStart = (bytes: Uint8Array): Either.Either<number, BadPackage> =>
  Either.map(headerSize(bytes, LEAD_SIZE, "signature"), (size) => LEAD_SIZE + size + ((8 - (size % 8)) % 8))

/** What rpm demands of a signature tag, and where it puts it in the one header that it shows of a package. */
interface MergedTag {
  readonly tag: number
  readonly as: number
  readonly type: number
  readonly count?: number
}

const MERGED: ReadonlyArray<MergedTag> = [
  { tag: SignatureTag.size, as: 257, type: TagType.int32, count: 1 },
  { tag: SignatureTag.pgp, as: 259, type: TagType.bin },
  { tag: SignatureTag.md5, as: 261, type: TagType.bin, count: 16 },
  { tag: SignatureTag.gpg, as: 262, type: TagType.bin },
  { tag: SignatureTag.payloadSize, as: Tag.archiveSize, type: TagType.int32, count: 1 },
  { tag: SignatureTag.fileSignatures, as: 5090, type: TagType.stringArray },
  { tag: SignatureTag.fileSignatureLength, as: 5091, type: TagType.int32, count: 1 },
  { tag: SignatureTag.dsa, as: SignatureTag.dsa, type: TagType.bin },
  { tag: SignatureTag.rsa, as: SignatureTag.rsa, type: TagType.bin },
  { tag: SignatureTag.sha1, as: SignatureTag.sha1, type: TagType.string, count: 1 },
  { tag: SignatureTag.longSize, as: SignatureTag.longSize, type: TagType.int64, count: 1 },
  { tag: SignatureTag.longArchiveSize, as: SignatureTag.longArchiveSize, type: TagType.int64, count: 1 },
  { tag: SignatureTag.sha256, as: SignatureTag.sha256, type: TagType.string, count: 1 },
  { tag: SignatureTag.veritySignatures, as: SignatureTag.veritySignatures, type: TagType.stringArray },
  {
    tag: SignatureTag.veritySignatureAlgorithm,
    as: SignatureTag.veritySignatureAlgorithm,
    type: TagType.int32,
    count: 1
  },
  { tag: SignatureTag.openPgp, as: SignatureTag.openPgp, type: TagType.stringArray },
  { tag: SignatureTag.sha3_256, as: SignatureTag.sha3_256, type: TagType.string, count: 1 }
]

/** Main-header tags that may be there when the signature header has no counterpart. */
const MAY_BE_IN_MAIN: ReadonlySet<number> = new Set([Tag.archiveSize, 5090, 5091])

const mergeProblem = (signature: Header, main: Header): string | undefined => {
  const ignoresOldTags = (main.number(Tag.rpmFormat) ?? 4) >= 6
  for (const { tag, as, type, count } of MERGED) {
    if (ignoresOldTags && tag >= 1000) continue
    const there = signature.has(tag)
    if (main.has(as) && (there || !MAY_BE_IN_MAIN.has(as))) return `tag ${as} stands in its main header too`
    if (!there) continue
    if (signature.type(tag) !== type) return `signature tag ${tag} has the wrong type ${signature.type(tag)}`
    if (count !== undefined && signature.count(tag) !== count) return `signature tag ${tag} has a wrong length`
    if (signature.count(tag) > 16 * 1024 * 1024) return `signature tag ${tag} is too long`
  }
  return undefined
}
