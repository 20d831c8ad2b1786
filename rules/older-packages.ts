import { Effect } from "effect"
import { type BlobCodec, type Blobs, type Digest, DigestOf, isDigest, writeBlob } from "../graph/index.ts"
import { fileName, type Nevra } from "../src/rpm/nevra.ts"
import { chunkList, cutIntoChunks, writeChunks } from "./chunk-list.ts"
import { lines } from "./lines.ts"
import { namedDifferences } from "./named-differences.ts"
import { compareBytes } from "./rpm-row.ts"

/** A package that somebody may have installed, so that a delta rpm from it may be wanted. */
export interface OlderPackage extends Nevra {
  readonly file: Digest
}

const OlderChunk: BlobCodec<ReadonlyArray<OlderPackage>> = lines({
  name: "older-packages",
  lineOf: ({ arch, epoch, file, name, release, version }: OlderPackage) =>
    [file, name, epoch ?? "", version, release, arch].join("\t"),
  rowOf: (line) => {
    const [file, name = "", epoch, version = "", release = "", arch] = line.split("\t")
    if (!isDigest(file) || arch === undefined) throw new TypeError(`not an older package's line: ${line}`)
    return { name, epoch: epoch === "" ? null : Number(epoch), version, release, arch, file }
  }
})

/** The packages of an older repository, from which deltas may be made: chunks, so that most of it is stored once for several of them. */
export const OlderList = chunkList(OlderChunk, namedDifferences(fileName))
export const OlderListDigest = DigestOf(OlderList)
export { OlderChunk }

/** Stores the packages of an older repository, which may come in any order. */
export const writeOlderList = (
  packages: ReadonlyArray<OlderPackage>
): Effect.Effect<typeof OlderListDigest.Type, never, Blobs> =>
  Effect.suspend(() => {
    const keyed = packages.map((listed) => ({ listed, key: `${fileName(listed)}\t${listed.file}` }))
    keyed.sort((a, b) => compareBytes(a.key, b.key))
    const chunks = cutIntoChunks(keyed.map(({ listed }) => listed))
    return Effect.flatMap(writeChunks(OlderChunk, chunks), (list) => writeBlob(OlderList, list))
  })
