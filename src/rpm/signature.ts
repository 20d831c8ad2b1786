import { hash } from "node:crypto"
import { Either } from "effect"
import { BadPackage } from "./bad-package.ts"
import { type Header, readHeader } from "./header.ts"
import { headerSize } from "./header-layout.ts"
import { issuerKeyId } from "./openpgp.ts"
import { LEAD_SIZE, type PackageHead, readPackageHead } from "./package-head.ts"
import { SignatureTag } from "./tags.ts"

/**
 * The key a signature header is signed with, as Koji names it: the last four bytes of the issuer's key id in lower-case
 * hex; "" if unsigned. As in Koji the first of the tags GPG, PGP, DSA, RSA decides; beyond Koji, signatures that name
 * their issuer only by fingerprint and those of v6 packages (OPENPGP) are understood too.
 */
export const sigkeyOf = (signature: Header): Either.Either<string, BadPackage> => {
  const packet = signaturePacket(signature)
  return packet === undefined
    ? Either.right("")
    : Either.mapBoth(issuerKeyId(packet), {
        onLeft: (problem) => new BadPackage({ reason: `its signature cannot be read: ${problem}` }),
        onRight: (keyId) => keyId.slice(-8)
      })
}

/** MD5 of main header and payload in hex, as the signature header says it (Koji's payloadhash); "" if it does not. */
export const sigmd5Of = (head: PackageHead): string => md5Of(head.signature)

/** A signed copy is lead, signature, then the unsigned file from `restOffset` to its end. */
export interface SignedCopyParts {
  readonly lead: Uint8Array
  readonly signature: Uint8Array
  readonly restOffset: number
}

/**
 * How to make a signed copy from an unsigned package and the raw signature header of its signed twin, as Koji does:
 * byte for byte what the signing tool wrote. `unsignedPrefix` must hold at least the unsigned package's head. Refuses a
 * signature header that belongs to another package: its MD5 must be the unsigned package's own, and its SHA-1 and
 * SHA-256 those of the main header (Koji checks the MD5 only).
 */
export const signedCopyParts = (
  unsignedPrefix: Uint8Array,
  signatureHeader: Uint8Array
): Either.Either<SignedCopyParts, BadPackage> =>
  Either.gen(function* () {
    const head = yield* readPackageHead(unsignedPrefix)
    const size = yield* headerSize(signatureHeader, 0, "signature")
    const cached = yield* readHeader(signatureHeader, 0, "signature")
    if (signatureHeader.length !== size + ((8 - (size % 8)) % 8)) {
      return yield* bad(`the signature header has ${signatureHeader.length} bytes but claims ${size} before padding`)
    }
    const mainHeader = unsignedPrefix.subarray(head.headerStart, head.headerEnd)
    if (md5Of(cached) !== sigmd5Of(head)) return yield* bad("the signature header is another package's: wrong MD5")
    for (const [algorithm, tag] of HEADER_DIGESTS) {
      const expected = cached.string(tag)
      if (expected !== undefined && expected.toLowerCase() !== hash(algorithm, mainHeader, "hex")) {
        return yield* bad(`the signature header is another package's: its ${algorithm} is not that of the main header`)
      }
    }
    return {
      lead: unsignedPrefix.subarray(0, LEAD_SIZE),
      signature: signatureHeader,
      restOffset: head.headerStart
    }
  })

/** Which signature tags hold which digest of the main header, in hex. */
export const HEADER_DIGESTS = [
  ["sha1", SignatureTag.sha1],
  ["sha256", SignatureTag.sha256],
  ["sha3-256", SignatureTag.sha3_256]
] as const

const bad = (reason: string): Either.Either<never, BadPackage> => Either.left(new BadPackage({ reason }))

const md5Of = (signature: Header): string => Buffer.from(signature.bytes(SignatureTag.md5) ?? []).toString("hex")

/** Koji's order of search, then the tag of v6 packages, which holds base64 text. */
const signaturePacket = (signature: Header): Uint8Array | undefined => {
  for (const tag of [SignatureTag.gpg, SignatureTag.pgp, SignatureTag.dsa, SignatureTag.rsa]) {
    const packet = signature.bytes(tag)
    if (packet !== undefined) return packet
  }
  const [encoded] = signature.strings(SignatureTag.openPgp)
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64")
}
