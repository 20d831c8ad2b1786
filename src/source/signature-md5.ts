/**
 * Hex of the MD5 of header and payload that a package's signature header says it has, or "" where none is found in these bytes, the
 * first of the file. Knows just enough of the format to be quick, and needs nothing that a worker thread would have to load;
 * whoever reads the header properly finds the same. Source: rpm's signature header, tag 1004.
 */
export const signatureMd5 = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < dataless || view.getUint32(leadSize) !== magic) return ""
  const entries = view.getUint32(leadSize + 8)
  const store = leadSize + introSize + entries * entrySize
  if (entries > mostEntries || bytes.length < store) return ""
  for (let at = leadSize + introSize; at < store; at += entrySize) {
    if (view.getUint32(at) !== md5Tag) continue
    const start = store + view.getInt32(at + 8)
    const isDigest = view.getUint32(at + 4) === binaryType && view.getUint32(at + 12) === 16
    return isDigest && start >= store && start + 16 <= bytes.length
      ? Buffer.from(bytes.buffer, bytes.byteOffset + start, 16).toString("hex")
      : ""
  }
  return ""
}

const leadSize = 96
const introSize = 16
const entrySize = 16
const dataless = leadSize + introSize
const magic = 0x8eade801
const mostEntries = 200
const md5Tag = 1004
const binaryType = 7
