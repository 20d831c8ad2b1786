import { Option } from "effect"

/**
 * zchunk's integers: seven bits a byte, the lowest first, and the last byte alone has its top bit set (LEB128 the other way round).
 * Source: zchunk file format.
 */
export const compressedInteger = (value: number): Uint8Array => {
  const bytes: Array<number> = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push(rest % 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.of(...bytes, rest | 0x80)
}

/** The integer at an offset and where it ends; none where it does not end within `bytes` or is above 2⁵³ - 1. */
export const readCompressedInteger = (
  bytes: Uint8Array,
  offset: number
): Option.Option<{ readonly value: number; readonly end: number }> => {
  let value = 0
  for (let at = 0; at < longest; at += 1) {
    const byte = bytes[offset + at]
    if (byte === undefined) return Option.none()
    value += (byte & 0x7f) * 0x80 ** at
    if (byte >= 0x80) return Number.isSafeInteger(value) ? Option.some({ value, end: offset + at + 1 }) : Option.none()
  }
  return Option.none()
}

/** In bytes; what libzck reads at most. */
const longest = 10
