import { crc32 } from "node:zlib"

/**
 * Cuts a text into pieces of 8 to 128 KiB (the last may be shorter), about 40 KiB on average, where the bytes before a cut say so:
 * what is changed, added or removed at one place leaves the pieces elsewhere as they were. The cuts are ours (a gear hash of the last
 * 32 bytes); readers take any.
 */
export const contentPieces = (text: Uint8Array): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let start = 0; start < text.length; ) {
    const end = pieceEnd(text, start)
    pieces.push(text.subarray(start, end))
    start = end
  }
  return pieces
}

const pieceEnd = (text: Uint8Array, start: number): number => {
  const longest = Math.min(start + LONGEST, text.length)
  let sum = 0
  // each byte is shifted out after 32 more, so that is how many count before the first possible cut
  for (let at = start + SHORTEST - 32; at < longest; at += 1) {
    sum = ((sum << 1) + (GEAR[text[at] ?? 0] ?? 0)) | 0
    if (at >= start + SHORTEST - 1 && sum >>> CUT_SHIFT === 0) return at + 1
  }
  return longest
}

const SHORTEST = 8 * 1024
const LONGEST = 128 * 1024
/** A cut is where the upper 15 bits are zero: at one byte in 32 KiB. */
const CUT_SHIFT = 17
/** A number for each byte; any will do that never change. */
const GEAR = Int32Array.from({ length: 256 }, (_, byte) => crc32(Uint8Array.of(byte, byte ^ 0x5a, 0x67)))
