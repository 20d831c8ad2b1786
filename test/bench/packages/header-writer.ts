import { Data, Either } from "effect"

/**
 * One entry of an rpm header with its raw data, in file order; the region entry is left out, for `writeHeader` makes it anew.
 * `count` is the number of elements (bytes, for BIN).
 */
export interface RawEntry {
  readonly tag: number
  readonly type: number
  readonly count: number
  readonly data: Buffer
}

export interface RawHeader {
  readonly entries: ReadonlyArray<RawEntry>
  /** The region tag found (62 signature, 63 main), if any. */
  readonly region: number | undefined
  /** Offset of the first byte after the store, counted from the start of the file. */
  readonly end: number
}

export class HeaderUnreadable extends Data.TaggedError("HeaderUnreadable")<{ readonly reason: string }> {
  override get message(): string {
    return `This header cannot be used as a model for generated packages: ${this.reason}.`
  }
}

const magic = Buffer.from("8eade80100000000", "hex")
const introSize = 16
const entrySize = 16
const maxEntries = 65_536
const maxStore = 256 * 1024 * 1024

const type = { int32: 4, string: 6, bin: 7, stringArray: 8, i18nString: 9 } as const

/** Bytes of one element, which is also its alignment; 0 for the string types. */
const elementSizes: ReadonlyArray<number | undefined> = [undefined, 1, 1, 2, 4, 8, 0, 1, 0, 0]

/** Writes a header (spec: RPM file format, header structure): its entries behind a region of this tag, the trailer at the end of the store. */
export const writeHeader = (region: number, entries: ReadonlyArray<RawEntry>): Buffer => {
  const offsets: Array<number> = []
  let size = 0
  for (const entry of entries) {
    const alignment = elementSizes[entry.type] || 1
    size = Math.ceil(size / alignment) * alignment
    offsets.push(size)
    size += entry.data.length
  }
  const indexSize = (entries.length + 1) * entrySize
  const header = Buffer.alloc(introSize + indexSize + size + entrySize)
  magic.copy(header)
  header.writeUInt32BE(entries.length + 1, 8)
  header.writeUInt32BE(size + entrySize, 12)
  const store = introSize + indexSize
  writeIndexEntry(header, introSize, region, type.bin, size, entrySize)
  writeIndexEntry(header, store + size, region, type.bin, -indexSize, entrySize)
  for (const [index, entry] of entries.entries()) {
    const offset = offsets[index] ?? 0
    writeIndexEntry(header, introSize + (index + 1) * entrySize, entry.tag, entry.type, offset, entry.count)
    entry.data.copy(header, store + offset)
  }
  return header
}

/** Reads the header that starts at `start`, entry by entry; a Left where any length or offset does not hold. */
export const readHeader = (file: Buffer, start: number): Either.Either<RawHeader, HeaderUnreadable> => {
  const unreadable = (reason: string) => Either.left(new HeaderUnreadable({ reason }))
  if (start < 0 || file.length < start + introSize) return unreadable("the file ends before it")
  if (!file.subarray(start, start + 8).equals(magic)) return unreadable("it does not start with the header magic")
  const count = file.readUInt32BE(start + 8)
  const storeSize = file.readUInt32BE(start + 12)
  if (count > maxEntries || storeSize > maxStore) return unreadable("its index or store is larger than rpm allows")
  const storeStart = start + introSize + count * entrySize
  const end = storeStart + storeSize
  if (file.length < end) return unreadable("the file ends inside it")
  const store = file.subarray(storeStart, end)
  const entries: Array<RawEntry> = []
  let region: number | undefined
  for (let index = 0; index < count; index++) {
    const at = start + introSize + index * entrySize
    const entry = { tag: file.readUInt32BE(at), type: file.readUInt32BE(at + 4), count: file.readUInt32BE(at + 12) }
    if (index === 0 && (entry.tag === 62 || entry.tag === 63)) region = entry.tag
    else {
      const data = entryData(store, entry.type, file.readInt32BE(at + 8), entry.count)
      if (data === undefined) return unreadable(`the data of tag ${entry.tag} is not inside the store`)
      entries.push({ ...entry, data })
    }
  }
  return Either.right({ entries, region, end })
}

/** The strings of an entry of a string type. */
export const stringsOf = (entry: RawEntry): ReadonlyArray<string> =>
  entry.count === 0 ? [] : entry.data.toString("utf8", 0, entry.data.length - 1).split("\0")

/** The same entry with other strings. */
export const withStrings = (entry: RawEntry, strings: ReadonlyArray<string>): RawEntry => ({
  ...entry,
  count: strings.length,
  data: Buffer.from(strings.map((text) => `${text}\0`).join(""))
})

export const stringEntry = (tag: number, text: string): RawEntry =>
  withStrings({ tag, type: type.string, count: 1, data: Buffer.alloc(0) }, [text])

export const int32Entry = (tag: number, value: number): RawEntry => {
  const data = Buffer.alloc(4)
  data.writeUInt32BE(value)
  return { tag, type: type.int32, count: 1, data }
}

export const binEntry = (tag: number, data: Buffer): RawEntry => ({ tag, type: type.bin, count: data.length, data })

export const isText = (entry: RawEntry): boolean =>
  entry.type === type.string || entry.type === type.stringArray || entry.type === type.i18nString

const writeIndexEntry = (header: Buffer, at: number, ...fields: readonly [number, number, number, number]): void => {
  for (const [index, field] of fields.entries()) header.writeInt32BE(field | 0, at + index * 4)
}

const entryData = (store: Buffer, type: number, offset: number, count: number): Buffer | undefined => {
  const size = elementSizes[type]
  if (size === undefined || offset < 0 || offset > store.length) return undefined
  if (size > 0) return offset + size * count <= store.length ? store.subarray(offset, offset + size * count) : undefined
  let end = offset
  for (let left = count; left > 0; left--) {
    const nul = store.indexOf(0, end)
    if (nul < 0) return undefined
    end = nul + 1
  }
  return store.subarray(offset, end)
}
