/** Epoch, version and release; a missing epoch orders as 0. */
export interface Evr {
  readonly epoch: number | string | null
  readonly version: string
  /** Empty or undefined: none. A version with a release is newer than the same without. */
  readonly release?: string | undefined
}

/** Orders two EVRs as rpm does: epoch, then version, then release. */
export const compareEvr = (a: Evr, b: Evr): -1 | 0 | 1 =>
  rpmvercmp(String(a.epoch ?? 0), String(b.epoch ?? 0)) ||
  rpmvercmp(a.version, b.version) ||
  compareReleases(a.release ?? "", b.release ?? "")

/**
 * Orders two version (or release, or epoch) strings: -1 if `a` is older, 1 if newer, 0 if neither. Runs of digits and of
 * letters are compared, all else only separates them, except `~` (older than the end) and `^` (newer than the end, older
 * than more text). Different strings can be equal: `1.0` and `1_0`. Source: rpm's rpmvercmp.
 */
export const rpmvercmp = (a: string, b: string): -1 | 0 | 1 => {
  if (a === b) return 0
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    i = skip(a, i, isSeparator)
    j = skip(b, j, isSeparator)
    const mark = compareMarks(a.charCodeAt(i), b.charCodeAt(j))
    if (mark === "same") {
      i += 1
      j += 1
      continue
    }
    if (mark !== undefined) return mark
    if (i >= a.length || j >= b.length) break
    const isNumber = isDigit(a.charCodeAt(i))
    const inSegment = isNumber ? isDigit : isLetter
    const aEnd = skip(a, i, inSegment)
    const bEnd = skip(b, j, inSegment)
    if (bEnd === j) return isNumber ? 1 : -1
    const order = isNumber
      ? compareNumbers(a.slice(i, aEnd), b.slice(j, bEnd))
      : compareText(a.slice(i, aEnd), b.slice(j, bEnd))
    if (order !== 0) return order
    i = aEnd
    j = bEnd
  }
  return i < a.length ? 1 : j < b.length ? -1 : 0
}

const TILDE = 0x7e
const CARET = 0x5e

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
const isSeparator = (code: number): boolean => !isDigit(code) && !isLetter(code) && code !== TILDE && code !== CARET

const skip = (text: string, from: number, accepts: (code: number) => boolean): number => {
  let at = from
  while (at < text.length && accepts(text.charCodeAt(at))) at += 1
  return at
}

/** Decides where a `~` or `^` stands on either side; a code behind the end is NaN. Undefined: there is none. */
const compareMarks = (a: number, b: number): -1 | 1 | "same" | undefined => {
  if (a === TILDE || b === TILDE) return a === b ? "same" : a === TILDE ? -1 : 1
  if (a !== CARET && b !== CARET) return undefined
  if (Number.isNaN(a)) return -1
  if (Number.isNaN(b)) return 1
  return a === b ? "same" : a === CARET ? -1 : 1
}

const compareNumbers = (a: string, b: string): -1 | 0 | 1 => {
  const x = a.replace(/^0+/, "")
  const y = b.replace(/^0+/, "")
  return x.length === y.length ? compareText(x, y) : x.length < y.length ? -1 : 1
}

/** Both are ASCII, so UTF-16 order is byte order. */
const compareText = (a: string, b: string): -1 | 0 | 1 => (a === b ? 0 : a < b ? -1 : 1)

const compareReleases = (a: string, b: string): -1 | 0 | 1 =>
  a === "" || b === "" ? compareText(a === "" ? "" : "1", b === "" ? "" : "1") : rpmvercmp(a, b)
