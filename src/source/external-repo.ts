import { createHash } from "node:crypto"
import { Data, Effect, Either, Option, Schema } from "effect"
import {
  type BlobMissing,
  type DigestOf as BlobOf,
  Bytes,
  Digest,
  DigestOf,
  digestOf,
  type Reference,
  referencesIn,
  Store,
  type StoreError,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import { checksumTypes, hashAlgorithm } from "../repodata/checksum-type.ts"
import { readRepomd } from "../repodata/read-repomd.ts"
import type { Repomd, RepomdRecord } from "../repodata/repomd.ts"
import { fetchedAddress } from "./fetched-address.ts"

/** A repository elsewhere cannot be fetched. */
export class ExternalRepoUnavailable extends Data.TaggedError("ExternalRepoUnavailable")<{
  readonly url: string
  readonly reason: string
}> {
  override get message(): string {
    return `the external repo ${this.url} cannot be read: ${this.reason}`
  }
}

/** The metadata of a repository elsewhere, in the store as it was fetched. */
export interface ExternalMetadata {
  readonly primary: BlobOf<Uint8Array>
  readonly filelists: BlobOf<Uint8Array>
  readonly other: BlobOf<Uint8Array>
}

/**
 * Fetches the metadata of a repository from `url` (http, https or file, with a slash at its end), each file checked by repomd.xml. Where
 * repomd.xml is what it was the last time nothing more is fetched.
 */
export const fetchExternalRepo = (
  url: string
): Effect.Effect<ExternalMetadata, ExternalRepoUnavailable | StoreError | BlobMissing, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const bytes = yield* fetched(new URL("repodata/repomd.xml", url).href, largestRepomd, url)
    const repomd = digestOf(bytes)
    const name = `${beginning}${url}`
    const known = Option.getOrUndefined(Schema.decodeOption(Known)((yield* store.recall(name)) ?? ""))
    if (known?.repomd === repomd && (yield* Effect.every(Object.values(known.files), store.hasBlob))) return known.files
    const read = yield* Either.mapLeft(
      readRepomd(bytes),
      ({ reason }) => new ExternalRepoUnavailable({ url, reason: `its repomd.xml is unusable: ${reason}` })
    )
    const file = (type: "primary" | "filelists" | "other") => fetchedFile(url, read, type)
    const files = yield* Effect.all(
      { primary: file("primary"), filelists: file("filelists"), other: file("other") },
      { concurrency: "unbounded" }
    )
    yield* store.remember(name, Schema.encodeSync(Known)({ repomd, files }))
    return files
  })

/** The blobs that are remembered of a repository elsewhere; none where this is nothing of the kind. */
export const externalReferences = (name: string, text: string): ReadonlyArray<Reference> => {
  if (!name.startsWith(beginning)) return []
  const known = Schema.decodeOption(Known)(text)
  return Option.isNone(known) ? [] : referencesIn(Files.ast, known.value.files)
}

const beginning = "external metadata of "

const Files = Schema.Struct({ primary: DigestOf(Bytes), filelists: DigestOf(Bytes), other: DigestOf(Bytes) })

/** What was fetched the last time. */
const Known = Schema.parseJson(Schema.Struct({ repomd: Digest, files: Files }))

const fetchedFile = (url: string, repomd: Repomd, type: string) =>
  Effect.gen(function* () {
    const record = repomd.records.find((other) => other.type === type)
    const bad = (reason: string) => new ExternalRepoUnavailable({ url, reason })
    if (record === undefined) return yield* bad(`its repomd.xml has no ${type}`)
    const { checksum } = record
    const sumType = checksumTypes.find((known) => known === checksum.type)
    if (sumType === undefined) return yield* bad(`the checksum of its ${type} is ${checksum.type}, which is not known`)
    const address = yield* addressOf(url, record)
    const bytes = yield* fetched(address, record.size ?? largestFile, url)
    if (record.size !== undefined && bytes.length !== record.size) {
      return yield* bad(`${address} has ${bytes.length} bytes, not ${record.size} as repomd.xml says`)
    }
    if (createHash(hashAlgorithm(sumType)).update(bytes).digest("hex") !== checksum.value.toLowerCase()) {
      return yield* bad(
        `${address} is not the file whose ${checksum.type} repomd.xml has; it may be changing: try again`
      )
    }
    return yield* withBlobs(writeBlob(Bytes, bytes))
  })

/** A file that lies elsewhere than its repository must do so by the same way: what is on the web names no file of this machine. */
const addressOf = (url: string, { base = url, href }: RepomdRecord): Either.Either<string, ExternalRepoUnavailable> => {
  const address = URL.parse(href.split("/").map(encodeURIComponent).join("/"), base.endsWith("/") ? base : `${base}/`)
  const allowed = address !== null && (address.protocol !== "file:" || url.startsWith("file:"))
  return allowed
    ? Either.right(address.href)
    : Either.left(new ExternalRepoUnavailable({ url, reason: `its repomd.xml places a file at ${base} ${href}` }))
}

/** The bytes at an address, at most so many of them. What may be other in a moment is tried again. */
const fetched = (address: string, limit: number, repo: string): Effect.Effect<Uint8Array, ExternalRepoUnavailable> =>
  Effect.mapError(
    fetchedAddress(address, limit),
    (reason) => new ExternalRepoUnavailable({ url: repo, reason: `${address}: ${reason}` })
  )

/** Bytes. Those of the largest distributions have some ten KiB, and some hundred MiB. */
const largestRepomd = 4 * 1024 * 1024
const largestFile = 1024 * 1024 * 1024
