/**
 * Text of package headers in XML. Everything here works on *byte strings*, one char (U+0000 to U+00FF) a byte of UTF-8,
 * because header texts have no known encoding; a document is written out as latin1 and so is UTF-8 in the end.
 */

/** What a text held that XML cannot: each such character was replaced by U+FFFD. */
export type TextProblem = "control character" | "not an XML character"

/** Told of each text that had to be changed, with the name of its field. */
export type Report = (field: string, problem: TextProblem) => void

/** Escapes a byte string as the text of an element. */
export const xmlText = (bytes: string, field: string, report: Report): string =>
  NEEDS_CARE_IN_TEXT.test(bytes)
    ? representable(bytes, field, report).replace(/[&<>\r]/g, (char) => ESCAPES.get(char) ?? char)
    : bytes

/** Escapes a byte string as the value of an attribute in double quotes. Non-ASCII stays raw, as libxml2 2.14 has it. */
export const xmlAttribute = (bytes: string, field: string, report: Report): string =>
  NEEDS_CARE_IN_ATTRIBUTE.test(bytes)
    ? representable(bytes, field, report).replace(/[&<>"\t\n\r]/g, (char) => ESCAPES.get(char) ?? char)
    : bytes

/** Whether `xmlText` returns this byte string as it is. */
export const isPlainText = (bytes: string): boolean => !NEEDS_CARE_IN_TEXT.test(bytes)

/** A text as the byte string of its UTF-8. */
export const byteString = (text: string): string =>
  NON_ASCII.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text

/** A byte string as its bytes. */
export const bytesOf = (bytes: string): Uint8Array => Buffer.from(bytes, "latin1")

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["\t", "&#9;"],
  ["\n", "&#10;"],
  ["\r", "&#13;"]
])

const NEEDS_CARE_IN_TEXT = /[^\t\n\x20-\x25\x27-\x3b\x3d\x3f-\x7f]/
const NEEDS_CARE_IN_ATTRIBUTE = /[^\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\x7f]/
const NON_ASCII = /[\u0080-\uffff]/
const FORBIDDEN_CONTROL = /[^\t\n\r\x20-\xff]/
const ALL_FORBIDDEN_CONTROL = /[^\t\n\r\x20-\xff]/g
/** Overlong forms, surrogates, U+FFFE and U+FFFF, and what lies above U+10FFFF. */
const NOT_XML =
  /[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}|\xed[\xa0-\xbf][\x80-\xbf]|\xef\xbf[\xbe\xbf]|\xf4[\x90-\xbf][\x80-\xbf]{2}|[\xf5-\xf7][\x80-\xbf]{3}/g
const REPLACEMENT = "\xef\xbf\xbd"

/** The byte string as UTF-8 that XML can hold. */
const representable = (bytes: string, field: string, report: Report): string => {
  let text = bytes
  if (FORBIDDEN_CONTROL.test(text)) {
    report(field, "control character")
    text = text.replace(ALL_FORBIDDEN_CONTROL, REPLACEMENT)
  }
  if (!NON_ASCII.test(bytes)) return text
  // the test is on what the package holds: our replacement must not decide which encoding it is
  if (!isLenientUtf8(bytes)) return fromLatin1(bytes, REPLACEMENT)
  return text.replace(NOT_XML, () => {
    report(field, "not an XML character")
    return REPLACEMENT
  })
}

/** createrepo_c's test (libxml2's): lead and continuation bytes fit together; overlong forms and surrogates pass. */
const isLenientUtf8 = (bytes: string): boolean => {
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes.charCodeAt(at)
    if (lead < 0x80) continue
    if (lead < 0xc0 || lead >= 0xf8) return false
    for (let left = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3; left > 0; left -= 1) {
      at += 1
      const next = at < bytes.length ? bytes.charCodeAt(at) : 0
      if (next < 0x80 || next >= 0xc0) return false
    }
  }
  return true
}

/** createrepo_c's fallback for text that is no UTF-8: Latin-1, of which 0x80 to 0xBF are dropped. */
const fromLatin1 = (bytes: string, replacement: string): string =>
  bytes.replace(/[^\t\n\r\x20-\x7f]/g, (char) => {
    const code = char.charCodeAt(0)
    if (code < 0x20) return replacement
    return code < 0xc0 ? "" : `\xc3${String.fromCharCode((code & 0x3f) | 0x80)}`
  })
