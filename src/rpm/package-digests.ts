import { createHash, type Hash, hash } from "node:crypto"
import { Either } from "effect"
import { BadPackage } from "./bad-package.ts"
import type { PackageHead } from "./package-head.ts"
import { HEADER_DIGESTS, sigmd5Of } from "./signature.ts"
import { Tag } from "./tags.ts"

/** What the whole file is: its sha256 in hex and its size in bytes. */
interface FileDigest {
  readonly sha256: string
  readonly size: number
}

/** Checks a package against its own digests while its bytes go by; they are not kept. */
export interface PackageDigests {
  /** Takes the next bytes of the file, which must be given from its very first byte on, in pieces of any size. */
  update(chunk: Uint8Array): void
  /** To be called once, at the end of the file. */
  finish(): Either.Either<FileDigest, BadPackage>
}

/**
 * Starts the checks that `rpmkeys --checksig --nosignature` makes: MD5 of main header and payload, SHA-1, SHA-256 and
 * SHA3-256 of the main header, SHA-256 of the payload. Every digest that is there must be right, and together they must
 * cover header and payload; so a package that is cut off, changed or without digests is found out.
 * Signatures are not verified.
 */
export const startDigests = (head: PackageHead): PackageDigests => new RunningDigests(head)

/**
 * Checks the main header alone, by the strongest digest that the signature header has of it: what is wrong, or undefined. Packages
 * of before 2001 have none. `bytes` must hold at least the head.
 */
export const headerProblem = (
  { headerEnd, headerStart, signature }: PackageHead,
  bytes: Uint8Array
): string | undefined => {
  for (const [algorithm, tag] of HEADER_DIGESTS.toReversed()) {
    const expected = signature.string(tag)
    if (expected === undefined) continue
    const actual = hash(algorithm, bytes.subarray(headerStart, headerEnd), "hex")
    return expected.toLowerCase() === actual ? undefined : `its main header does not have the ${algorithm} it says`
  }
  return undefined
}

/** Whether this is a delta rpm: its header is a package's but its payload is not. */
export const isDeltaRpm = ({ main }: PackageHead): boolean => main.string(Tag.payloadFormat) === "drpm"

class RunningDigests implements PackageDigests {
  readonly #head: PackageHead
  readonly #file = createHash("sha256")
  readonly #payload = createHash("sha256")
  readonly #md5: Hash | undefined
  readonly #header: ReadonlyArray<HeaderDigest>
  #position = 0

  constructor(head: PackageHead) {
    this.#head = head
    this.#md5 = sigmd5Of(head) === "" ? undefined : createHash("md5")
    this.#header = HEADER_DIGESTS.flatMap(([algorithm, tag]) => {
      const expected = head.signature.string(tag)
      return expected === undefined ? [] : [{ algorithm, expected, hash: createHash(algorithm) }]
    })
  }

  update(chunk: Uint8Array): void {
    const { headerStart, headerEnd } = this.#head
    const at = this.#position
    this.#position += chunk.length
    this.#file.update(chunk)
    if (this.#position > headerStart) this.#md5?.update(chunk.subarray(Math.max(0, headerStart - at)))
    if (this.#position > headerEnd) this.#payload.update(chunk.subarray(Math.max(0, headerEnd - at)))
    if (at < headerEnd && this.#position > headerStart) {
      const part = chunk.subarray(Math.max(0, headerStart - at), headerEnd - at)
      for (const { hash } of this.#header) hash.update(part)
    }
  }

  finish(): Either.Either<FileDigest, BadPackage> {
    const { main } = this.#head
    if (this.#position < this.#head.headerEnd) return bad("the file ends inside its main header")
    for (const { algorithm, expected, hash } of this.#header) {
      if (hash.digest("hex") !== expected.toLowerCase())
        return bad(`its main header does not have the ${algorithm} it says`)
    }
    const payload = this.#payload.digest("hex")
    // one that matches is enough: PAYLOADSHA256ALT is of the payload without compression, which some tools strip
    const claims = [...main.strings(Tag.payloadSha256), ...main.strings(Tag.payloadSha256Alt)]
    const hasPayloadDigest = main.has(Tag.payloadSha256)
    if (hasPayloadDigest && !claims.some((claim) => claim.toLowerCase() === payload)) {
      return bad("its payload does not have the sha256 it says: the file is damaged or cut off")
    }
    if (this.#md5 !== undefined && this.#md5.digest("hex") !== sigmd5Of(this.#head)) {
      return bad("header and payload do not have the MD5 it says: the file is damaged or cut off")
    }
    if (this.#md5 === undefined && !(hasPayloadDigest && this.#header.length > 0)) {
      return bad("it has no digests that cover both header and payload")
    }
    return Either.right({ sha256: this.#file.digest("hex"), size: this.#position })
  }
}

interface HeaderDigest {
  readonly algorithm: string
  readonly expected: string
  readonly hash: Hash
}

const bad = (reason: string): Either.Either<never, BadPackage> => Either.left(new BadPackage({ reason }))
