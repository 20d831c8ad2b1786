import { createHash } from "node:crypto"
import { Either } from "effect"
import { type PackageHead, readPackageHead } from "../../src/rpm/package-head.ts"
import { TagType } from "../../src/rpm/tag-types.ts"

/** One header entry: its bytes are written as they are, so tests can also make entries that lie. */
export interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  readonly data: Uint8Array
}

/** Texts are byte strings: one char a byte. */
const nulTerminated = (texts: ReadonlyArray<string>): Uint8Array =>
  Buffer.from(texts.map((text) => `${text}\0`).join(""), "latin1")

const integers = (values: ReadonlyArray<number>, width: 2 | 4): Uint8Array => {
  const data = Buffer.alloc(values.length * width)
  values.forEach((value, at) => {
    data.writeUIntBE(value, at * width, width)
  })
  return data
}

export const string = (tag: number, text: string): Entry => ({
  tag,
  type: TagType.string,
  count: 1,
  data: nulTerminated([text])
})
export const strings = (tag: number, ...texts: ReadonlyArray<string>): Entry => ({
  tag,
  type: TagType.stringArray,
  count: texts.length,
  data: nulTerminated(texts)
})
export const i18n = (tag: number, ...texts: ReadonlyArray<string>): Entry => ({
  ...strings(tag, ...texts),
  type: TagType.i18nString
})
export const int16 = (tag: number, ...values: ReadonlyArray<number>): Entry => ({
  tag,
  type: TagType.int16,
  count: values.length,
  data: integers(values, 2)
})
export const int32 = (tag: number, ...values: ReadonlyArray<number>): Entry => ({
  tag,
  type: TagType.int32,
  count: values.length,
  data: integers(values, 4)
})
export const int64 = (tag: number, value: bigint): Entry => {
  const data = Buffer.alloc(8)
  data.writeBigUInt64BE(value)
  return { tag, type: TagType.int64, count: 1, data }
}
export const bin = (tag: number, data: Uint8Array): Entry => ({ tag, type: TagType.bin, count: data.length, data })

const ALIGNMENT = new Map<number, number>([
  [TagType.int16, 2],
  [TagType.int32, 4],
  [TagType.int64, 8]
])

const indexEntry = (tag: number, type: number, offset: number, count: number): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(tag, 0)
  bytes.writeUInt32BE(type, 4)
  bytes.writeInt32BE(offset, 8)
  bytes.writeUInt32BE(count, 12)
  return bytes
}

/** A header structure as rpm writes it; `region` is the tag of its immutable region, null for v3 headers. */
export const headerBytes = (entries: ReadonlyArray<Entry>, region: 62 | 63 | null): Uint8Array => {
  const sorted = entries.toSorted((a, b) => a.tag - b.tag)
  const index: Array<Buffer> = []
  const store: Array<Uint8Array> = []
  let size = 0
  for (const { tag, type, count, data } of sorted) {
    const alignment = ALIGNMENT.get(type) ?? 1
    const padding = (alignment - (size % alignment)) % alignment
    store.push(Buffer.alloc(padding), data)
    size += padding
    index.push(indexEntry(tag, type, size, count))
    size += data.length
  }
  if (region !== null) {
    index.unshift(indexEntry(region, TagType.bin, size, 16))
    store.push(indexEntry(region, TagType.bin, -16 * index.length, 16))
    size += 16
  }
  const intro = Buffer.alloc(16)
  intro.writeUInt32BE(0x8eade801, 0)
  intro.writeUInt32BE(index.length, 8)
  intro.writeUInt32BE(size, 12)
  return Buffer.concat([intro, ...index, ...store])
}

export const LEAD: Uint8Array = (() => {
  const lead = Buffer.alloc(96)
  lead.writeUInt32BE(0xedabeedb, 0)
  lead[4] = 3
  lead[79] = 5
  return lead
})()

/** What a package is made of; what is left out is made right: name and version, digests that fit. */
export interface Parts {
  readonly main?: ReadonlyArray<Entry>
  /** Instead of SIZE, SHA-1, SHA-256 and MD5 that fit. */
  readonly signature?: ReadonlyArray<Entry>
  readonly payload?: Uint8Array
  readonly v3?: boolean
}

const NVRA: ReadonlyArray<Entry> = [
  string(1000, "hello"),
  string(1001, "1.0"),
  string(1002, "1"),
  string(1022, "noarch"),
  string(1044, "hello-1.0-1.src.rpm")
]

/** `main` over the entries of NVRA: a tag given replaces the default. */
const withDefaults = (main: ReadonlyArray<Entry>): ReadonlyArray<Entry> => [
  ...NVRA.filter(({ tag }) => !main.some((entry) => entry.tag === tag)),
  ...main
]

/** A whole package file. */
export const packageBytes = ({ main = [], signature, payload = Buffer.from("payload"), v3 = false }: Parts): Buffer => {
  const header = headerBytes(withDefaults(main), v3 ? null : 63)
  const digest = (algorithm: string, ...parts: ReadonlyArray<Uint8Array>): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest()
  const entries = signature ?? [
    string(269, digest("sha1", header).toString("hex")),
    string(273, digest("sha256", header).toString("hex")),
    int32(1000, header.length + payload.length),
    bin(1004, digest("md5", header, payload))
  ]
  const signatureHeader = headerBytes(entries, v3 ? null : 62)
  const padding = Buffer.alloc((8 - (signatureHeader.length % 8)) % 8)
  return Buffer.concat([LEAD, signatureHeader, padding, header, payload])
}

/** The head of such a package, which must be a good one. */
export const packageHead = (parts: Parts): PackageHead => Either.getOrThrow(readPackageHead(packageBytes(parts)))

/** The head of a package with exactly these main-header entries and no defaults. */
export const bareHead = (main: ReadonlyArray<Entry>): PackageHead => {
  const header = headerBytes(main, 63)
  const signatureHeader = headerBytes([int32(1000, header.length)], 62)
  const padding = Buffer.alloc((8 - (signatureHeader.length % 8)) % 8)
  return Either.getOrThrow(readPackageHead(Buffer.concat([LEAD, signatureHeader, padding, header])))
}

/** A good result, or the test fails with the reason. */
export const good = <A, E>(result: Either.Either<A, E>): A => Either.getOrThrowWith(result, (error) => error)

/** The message of a bad result, or "good". */
export const problemOf = (result: Either.Either<unknown, { readonly message: string }>): string =>
  Either.isLeft(result) ? result.left.message : "good"
