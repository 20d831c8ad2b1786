import { Either } from "effect"
import { BadPackage } from "./bad-package.ts"
import { isTypeAllowed, TagType } from "./tag-types.ts"

/** Which of a package's two header structures: they have different limits, regions and tag numbers. */
export type HeaderKind = "signature" | "main"

/** Bytes before the index: magic, reserved, number of index entries, size of the data store. */
export const INTRO_SIZE = 16

/**
 * Size of the header structure whose 16-byte intro stands at `offset`, magic and store included, padding not.
 * Refuses a wrong magic and counts above rpm's limits, so that the answer is below 256 MiB.
 * Source: RPM file format, header structure; the limits are those of rpm's header reader.
 */
export const headerSize = (bytes: Uint8Array, offset: number, kind: HeaderKind): Either.Either<number, BadPackage> => {
  if (bytes.length < offset + INTRO_SIZE) return bad(kind, "it is cut off before its first 16 bytes end")
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, INTRO_SIZE)
  if (view.getUint32(0) !== MAGIC || view.getUint32(4) !== 0)
    return bad(kind, "it does not start with the header magic")
  const entries = view.getUint32(8)
  const store = view.getUint32(12)
  const limit = LIMITS[kind]
  if (entries === 0) return bad(kind, "it has no index entries")
  if (entries > limit.entries) return bad(kind, `it claims ${entries} index entries, more than ${limit.entries}`)
  if (store > limit.store) return bad(kind, `it claims ${store} bytes of data, more than ${limit.store}`)
  const size = INTRO_SIZE + ENTRY_SIZE * entries + store
  return size - 8 < MAX_BLOB ? Either.right(size) : bad(kind, `it claims ${size} bytes, more than rpm accepts`)
}

/** Where things lie in a header's bytes. Offsets and ends are those of an entry's data, from the start of the store. */
export class HeaderLayout {
  readonly blob: Buffer
  readonly view: DataView
  readonly entries: number
  readonly storeSize: number
  /** Offset of the store in the blob. */
  readonly store: number
  /** The store as a byte string. */
  readonly text: string
  readonly hasRegion: boolean
  /** Filled by the check of the entries. */
  readonly ends: Uint32Array
  /** The number of the entry that holds a tag. */
  readonly slots = new Map<number, number>()

  constructor(blob: Buffer, kind: HeaderKind) {
    this.blob = blob
    this.view = new DataView(blob.buffer, blob.byteOffset, blob.length)
    this.entries = this.view.getUint32(8)
    this.storeSize = this.view.getUint32(12)
    this.store = blob.length - this.storeSize
    this.text = blob.toString("latin1", this.store)
    this.hasRegion = this.tag(0) === LIMITS[kind].region
    this.ends = new Uint32Array(this.entries)
  }

  tag(entry: number): number {
    return this.view.getUint32(INTRO_SIZE + ENTRY_SIZE * entry)
  }
  type(entry: number): number {
    return this.view.getUint32(INTRO_SIZE + ENTRY_SIZE * entry + 4)
  }
  offset(entry: number): number {
    return this.view.getInt32(INTRO_SIZE + ENTRY_SIZE * entry + 8)
  }
  count(entry: number): number {
    return this.view.getUint32(INTRO_SIZE + ENTRY_SIZE * entry + 12)
  }
}

/**
 * Finds out where things lie in the header structure at `offset` and checks all of it; see `readHeader`.
 * Source: RPM file format, header structure; what is refused is what rpm 4.18 refuses.
 */
export const readLayout = (
  bytes: Uint8Array,
  offset: number,
  kind: HeaderKind
): Either.Either<HeaderLayout, BadPackage> =>
  Either.flatMap(headerSize(bytes, offset, kind), (size) => {
    if (bytes.length < offset + size) {
      return bad(kind, `it is cut off: ${size} bytes are needed, ${bytes.length - offset} are there`)
    }
    const layout = new HeaderLayout(Buffer.from(bytes.buffer, bytes.byteOffset + offset, size), kind)
    const region = readRegion(layout, kind)
    if (Either.isLeft(region)) return Either.left(region.left)
    const problem = indexEntries(layout, region.right)
    if (problem !== undefined) {
      return bad(kind, `index entry ${problem.entry} (tag ${layout.tag(problem.entry)}) ${problem.reason}`)
    }
    return dataSize(layout) === layout.storeSize ? Either.right(layout) : bad(kind, "its data do not fill it")
  })

const MAGIC = 0x8eade801
const ENTRY_SIZE = 16
const MAX_BLOB = 256 * 1024 * 1024
const LIMITS = {
  signature: { entries: 32, store: 64 * 1024 * 1024, region: 62 },
  main: { entries: 0xffff, store: 0x0fffffff, region: 63 }
} as const
const OLD_REGION = 61
const FIRST_PLAIN_TAG = 100
const LAST_TAG = 0x7fffffff
const MAX_ELEMENTS = 0xfffff
/** Bytes an element takes, by type; 0 for the string types. */
const ELEMENT_SIZE = [0, 1, 1, 2, 4, 8, 0, 1, 0, 0] as const

const bad = (kind: HeaderKind, reason: string): Either.Either<never, BadPackage> =>
  Either.left(new BadPackage({ reason: `its ${kind} header is broken: ${reason}` }))

/** The region's extent in entries and store bytes, trailer included, both counted from the header's start. */
interface Region {
  readonly kind: HeaderKind
  readonly entries: number
  readonly storeSize: number
}

const readRegion = (layout: HeaderLayout, kind: HeaderKind): Either.Either<Region | undefined, BadPackage> => {
  const tag = LIMITS[kind].region
  if (!layout.hasRegion) return Either.right(undefined)
  const start = layout.offset(0)
  if (layout.type(0) !== TagType.bin || layout.count(0) !== ENTRY_SIZE) return bad(kind, "its region tag is malformed")
  if (start < 0 || start + ENTRY_SIZE > layout.storeSize) return bad(kind, "its region trailer lies outside its data")
  const trailer = layout.store + start
  const trailerTag = layout.view.getUint32(trailer)
  const entries = -layout.view.getInt32(trailer + 8) / ENTRY_SIZE
  if (
    (trailerTag !== tag && !(kind === "signature" && trailerTag === OLD_REGION)) ||
    layout.view.getUint32(trailer + 4) !== TagType.bin ||
    layout.view.getUint32(trailer + 12) !== ENTRY_SIZE ||
    !Number.isInteger(entries) ||
    entries < 1 ||
    entries > layout.entries
  ) {
    return bad(kind, "its region trailer is malformed")
  }
  const storeSize = start + ENTRY_SIZE
  if (kind === "main" && (entries !== layout.entries || storeSize !== layout.storeSize)) {
    return bad(kind, "its immutable region is not the whole header")
  }
  return Either.right({ kind, entries, storeSize })
}

/** Checks every entry behind the region's and notes where its data end; the first that is wrong is returned. */
const indexEntries = (
  layout: HeaderLayout,
  region: Region | undefined
): { readonly entry: number; readonly reason: string } | undefined => {
  const { storeSize, slots, ends } = layout
  const typed = region?.kind === "main"
  let previousEnd = 0
  for (let entry = region === undefined ? 0 : 1; entry < layout.entries; entry += 1) {
    const tag = layout.tag(entry)
    const type = layout.type(entry)
    const offset = layout.offset(entry)
    const count = layout.count(entry)
    if (tag < FIRST_PLAIN_TAG || tag > LAST_TAG) return { entry, reason: "has a reserved tag" }
    if (type < TagType.char || type > TagType.i18nString) return { entry, reason: `has the unknown type ${type}` }
    if (count < 1 || count > storeSize) return { entry, reason: `claims ${count} elements` }
    if (count > MAX_ELEMENTS && type !== TagType.bin) return { entry, reason: `claims ${count} elements` }
    if (offset < previousEnd || offset > storeSize)
      return { entry, reason: "has its data out of order or out of range" }
    const size = ELEMENT_SIZE[type] ?? 0
    if (size > 1 && offset % size !== 0) return { entry, reason: "has its data at an unaligned place" }
    if (typed && !isTypeAllowed(tag, type)) return { entry, reason: `has type ${type}, which its tag does not allow` }
    if (type === TagType.string && count !== 1) return { entry, reason: `is one string but claims ${count}` }
    const end = size > 0 ? offset + size * count : endOfStrings(layout.text, offset, count)
    if (end === undefined) return { entry, reason: "has a string without end" }
    if (end > storeSize) return { entry, reason: "has data that reach beyond the header" }
    if (region !== undefined && end > region.storeSize - ENTRY_SIZE && offset < region.storeSize) {
      return { entry, reason: "has data in the region trailer" }
    }
    ends[entry] = end
    previousEnd = end
    // entries behind the region replace those in it; which of two in the region counts, rpm leaves open: here the first
    if (!slots.has(tag) || (region !== undefined && entry >= region.entries)) slots.set(tag, entry)
  }
  return undefined
}

/** What the data of all entries take when they stand as close as their alignment lets them; rpm allows no other gaps. */
const dataSize = (layout: HeaderLayout): number => {
  let size = 0
  for (let entry = layout.hasRegion ? 1 : 0; entry < layout.entries; entry += 1) {
    const alignment = ELEMENT_SIZE[layout.type(entry)] ?? 0
    if (alignment > 1) size = Math.ceil(size / alignment) * alignment
    size += (layout.ends[entry] ?? 0) - layout.offset(entry)
  }
  return layout.hasRegion ? size + ENTRY_SIZE : size
}

/** The place behind the NUL of the last of `count` strings. */
const endOfStrings = (text: string, offset: number, count: number): number | undefined => {
  let at = offset
  for (let left = count; left > 0; left -= 1) {
    const nul = text.indexOf("\0", at)
    if (nul < 0) return undefined
    at = nul + 1
  }
  return at
}
