import { Either } from "effect"
import type { BadPackage } from "./bad-package.ts"
import { type HeaderKind, type HeaderLayout, readLayout } from "./header-layout.ts"
import { isStringType, TagType } from "./tag-types.ts"
import { Tag } from "./tags.ts"

/**
 * One header structure of a package: a read-only view of its bytes, with values looked up by tag.
 *
 * Header strings are bytes of unknown encoding. `byteString` and `byteStrings` return them with one char (U+0000 to
 * U+00FF) a byte, which loses nothing; `string` and `strings` decode them as UTF-8, bad sequences as U+FFFD.
 */
export interface Header {
  /** Whether the header starts with an immutable region: false only for v3 packages. */
  readonly hasRegion: boolean
  /** Bytes of the structure from its magic to the end of its store, without padding. */
  readonly size: number
  has(tag: number): boolean
  /**
   * The value of a single string, the C locale's (else the first) of an I18NSTRING, or the only element of a string
   * array; undefined if the tag is missing, no string, or has several elements.
   */
  string(tag: number): string | undefined
  byteString(tag: number): string | undefined
  /** The elements of a string array (one for a single string); empty if missing. */
  strings(tag: number): ReadonlyArray<string>
  byteStrings(tag: number): ReadonlyArray<string>
  /** The value of an integer tag with exactly one element; 64-bit ones above 2^53 lose precision. */
  number(tag: number): number | undefined
  /** The same as exact decimal digits. */
  decimal(tag: number): string | undefined
  /** The elements of an integer array, unsigned; empty if missing. */
  numbers(tag: number): ReadonlyArray<number>
  /** The raw bytes of an entry, not copied. */
  bytes(tag: number): Uint8Array | undefined
  /** Number of elements; 0 if missing. */
  count(tag: number): number
  /** The tag's type number, see `TagType`; 0 if missing. */
  type(tag: number): number
}

/**
 * Reads the header structure at `offset`, refusing all that rpm refuses: counts, types, alignment and ranges of every
 * entry, data out of index order or overlapping, a broken immutable region. Headers without a region (v3) are taken.
 * The result looks into `bytes` and keeps it alive.
 */
export const readHeader = (bytes: Uint8Array, offset: number, kind: HeaderKind): Either.Either<Header, BadPackage> =>
  Either.map(readLayout(bytes, offset, kind), (layout) => new HeaderView(layout))

class HeaderView implements Header {
  readonly hasRegion: boolean
  readonly size: number
  readonly #layout: HeaderLayout

  constructor(layout: HeaderLayout) {
    this.#layout = layout
    this.hasRegion = layout.hasRegion
    this.size = layout.blob.length
  }

  has(tag: number): boolean {
    return this.#layout.slots.has(tag)
  }

  count(tag: number): number {
    const entry = this.#layout.slots.get(tag)
    return entry === undefined ? 0 : this.#layout.count(entry)
  }

  type(tag: number): number {
    const entry = this.#layout.slots.get(tag)
    return entry === undefined ? 0 : this.#layout.type(entry)
  }

  byteStrings(tag: number): ReadonlyArray<string> {
    return isStringType(this.type(tag)) ? this.#joined(tag).split("\0") : []
  }

  byteString(tag: number): string | undefined {
    const type = this.type(tag)
    if (!isStringType(type)) return undefined
    if (type === TagType.i18nString) {
      const localised = this.byteStrings(tag)
      return localised[this.#cLocale()] ?? localised[0]
    }
    return this.count(tag) === 1 ? this.#joined(tag) : undefined
  }

  string(tag: number): string | undefined {
    const value = this.byteString(tag)
    return value === undefined ? undefined : decoded(value)
  }

  strings(tag: number): ReadonlyArray<string> {
    return this.byteStrings(tag).map(decoded)
  }

  number(tag: number): number | undefined {
    return this.count(tag) === 1 ? this.numbers(tag)[0] : undefined
  }

  decimal(tag: number): string | undefined {
    const layout = this.#layout
    const entry = layout.slots.get(tag)
    return entry !== undefined && layout.type(entry) === TagType.int64 && layout.count(entry) === 1
      ? layout.view.getBigUint64(layout.store + layout.offset(entry)).toString()
      : this.number(tag)?.toString()
  }

  numbers(tag: number): ReadonlyArray<number> {
    const layout = this.#layout
    const entry = layout.slots.get(tag)
    if (entry === undefined) return []
    const { view } = layout
    const start = layout.store + layout.offset(entry)
    const count = layout.count(entry)
    const values = new Array<number>(count)
    switch (layout.type(entry)) {
      case TagType.char:
      case TagType.int8:
        for (let i = 0; i < count; i += 1) values[i] = view.getUint8(start + i)
        return values
      case TagType.int16:
        for (let i = 0; i < count; i += 1) values[i] = view.getUint16(start + 2 * i)
        return values
      case TagType.int32:
        for (let i = 0; i < count; i += 1) values[i] = view.getUint32(start + 4 * i)
        return values
      case TagType.int64:
        for (let i = 0; i < count; i += 1) values[i] = Number(view.getBigUint64(start + 8 * i))
        return values
      default:
        return []
    }
  }

  bytes(tag: number): Uint8Array | undefined {
    const layout = this.#layout
    const entry = layout.slots.get(tag)
    if (entry === undefined) return undefined
    return layout.blob.subarray(layout.store + layout.offset(entry), layout.store + (layout.ends[entry] ?? 0))
  }

  /** All bytes of a string entry but the last NUL: its elements joined by NUL. */
  #joined(tag: number): string {
    const layout = this.#layout
    const entry = layout.slots.get(tag)
    if (entry === undefined || !isStringType(layout.type(entry))) return ""
    return layout.text.slice(layout.offset(entry), (layout.ends[entry] ?? 0) - 1)
  }

  #cLocale(): number {
    return Math.max(0, this.byteStrings(Tag.i18nTable).indexOf("C"))
  }
}

/** A fresh string: a slice of the store would keep the whole store in memory for as long as the value lives. */
const decoded = (byteString: string): string => Buffer.from(byteString, "latin1").toString("utf8")
