import { hash } from "node:crypto"
import { type Brand, Schema } from "effect"

/** Names bytes for ever: `<sha256 in lower-case hex>/<size in bytes>`, the resource name of the Remote Execution API. */
export type Digest = string & Brand.Brand<"Digest">

const shape = /^[0-9a-f]{64}\/(?:0|[1-9][0-9]{0,15})$/

export const Digest: Schema.Schema<Digest, string> = Schema.String.pipe(
  Schema.pattern(shape),
  Schema.brand("Digest"),
  Schema.annotations({ identifier: "Digest" })
)

export const isDigest = (value: unknown): value is Digest => typeof value === "string" && shape.test(value)

/** The digest of these bytes. */
export const digestOf = (bytes: Uint8Array): Digest => makeDigest(hash("sha256", bytes, "hex"), bytes.length)

/** From a known sha256 (64 lower-case hex digits) and a size in bytes. Throws on another shape: a programming error. */
export const makeDigest = (sha256: string, size: number): Digest => {
  const digest = `${sha256}/${size}`
  if (!isDigest(digest)) throw new TypeError(`not a digest: ${JSON.stringify(digest)}`)
  return digest
}

/** The sha256 of a digest, 64 lower-case hex digits. */
export const hashOf = (digest: Digest): string => digest.slice(0, 64)

/** The size of a digest, in bytes. */
export const sizeOf = (digest: Digest): number => Number(digest.slice(65))
