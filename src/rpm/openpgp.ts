import { Either } from "effect"

/**
 * The issuer's key id of one OpenPGP signature packet, as 16 lower-case hex digits. Versions 3, 4 and 6 are read; an
 * issuer key id subpacket is preferred to an issuer fingerprint. Left: what is wrong.
 * Source: RFC 4880 sections 4.2, 5.2 and 5.2.3.1; RFC 9580 for version 6.
 */
export const issuerKeyId = (packet: Uint8Array): Either.Either<string, string> =>
  Either.flatMap(signatureBody(packet), (body) => {
    switch (body[0]) {
      case 3:
        return body.length < 15 ? Either.left("it is cut off") : Either.right(hex(body.subarray(7, 15)))
      case 4:
        return keyIdFromSubpackets(body, 2)
      case 6:
        return keyIdFromSubpackets(body, 4)
      default:
        return Either.left(`it has the unknown version ${body[0]}`)
    }
  })

const SIGNATURE_PACKET = 2
const ISSUER_KEY_ID = 16
const ISSUER_FINGERPRINT = 33

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** The body of the one packet that these bytes must be. */
const signatureBody = (packet: Uint8Array): Either.Either<Uint8Array, string> => {
  const first = packet[0] ?? 0
  if (first < 0x80) return Either.left("it is no OpenPGP packet")
  const isNew = (first & 0x40) !== 0
  if ((isNew ? first & 63 : (first >> 2) & 15) !== SIGNATURE_PACKET) return Either.left("it is no signature packet")
  const length = isNew ? newLength(packet, 1, 224) : oldLength(packet, first & 3)
  if (length === undefined || length.start + length.size !== packet.length) {
    return Either.left("its length is not that of its packet")
  }
  return length.size === 0 ? Either.left("it is empty") : Either.right(packet.subarray(length.start))
}

interface Extent {
  readonly start: number
  readonly size: number
}

const oldLength = (packet: Uint8Array, lengthType: number): Extent | undefined => {
  if (lengthType === 3) return { start: 1, size: packet.length - 1 }
  const width = 1 << lengthType
  return packet.length < 1 + width ? undefined : { start: 1 + width, size: bigEndian(packet, 1, width) }
}

/** New-format packets and subpackets code lengths alike, but only the former keep first bytes from 224 for parts. */
const newLength = (bytes: Uint8Array, at: number, twoByteLimit: 224 | 255): Extent | undefined => {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 192) return { start: at + 1, size: first }
  if (first < twoByteLimit && at + 2 <= bytes.length) {
    return { start: at + 2, size: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 }
  }
  return first === 255 && at + 5 <= bytes.length ? { start: at + 5, size: bigEndian(bytes, at + 1, 4) } : undefined
}

const bigEndian = (bytes: Uint8Array, at: number, width: number): number => {
  let value = 0
  for (let i = at; i < at + width; i += 1) value = value * 256 + (bytes[i] ?? 0)
  return value
}

/** Looks through the hashed and the unhashed subpackets; their areas' lengths are `width` bytes wide. */
const keyIdFromSubpackets = (body: Uint8Array, width: number): Either.Either<string, string> => {
  const keyIds: Array<string> = []
  const fingerprints: Array<string> = []
  let at = 4
  for (let area = 0; area < 2; area += 1) {
    if (at + width > body.length) return Either.left("its subpackets are cut off")
    const end = at + width + bigEndian(body, at, width)
    if (end > body.length) return Either.left("its subpackets are cut off")
    at += width
    while (at < end) {
      const extent = newLength(body, at, 255)
      if (extent === undefined || extent.size === 0 || extent.start + extent.size > end) {
        return Either.left("one of its subpackets is broken")
      }
      const type = (body[extent.start] ?? 0) & 0x7f
      const data = body.subarray(extent.start + 1, extent.start + extent.size)
      if (type === ISSUER_KEY_ID && data.length === 8) keyIds.push(hex(data))
      if (type === ISSUER_FINGERPRINT && data.length > 8) {
        // version 6 keys are known by the first, older ones by the last eight bytes of their fingerprint
        fingerprints.push(hex(data[0] === 6 ? data.subarray(1, 9) : data.subarray(-8)))
      }
      at = extent.start + extent.size
    }
  }
  const [keyId] = keyIds.length > 0 ? keyIds : fingerprints
  if (keyIds.length > 1) return Either.left("it names more than one issuer")
  return keyId === undefined ? Either.left("it names no issuer") : Either.right(keyId)
}
