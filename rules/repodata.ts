import { Effect, Schema } from "effect"
import {
  type DigestOf as BlobOf,
  type Blobs,
  DigestOf,
  need,
  type OutputOf,
  plan,
  readBlob,
  writeBlob
} from "../graph/index.ts"
import { DeltaRequest, ImpossibleDelta } from "./deltas.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { FileOptions, MetadataFiles, prestodelta, rowsFor } from "./metadata-files.ts"
import { PackageWarning, RunOptions } from "./metadata-run.ts"
import { Repomd } from "./repomd.ts"
import { type RepositoryFiles, uniqueName } from "./repository-file.ts"
import { SetDeltas } from "./set-deltas.ts"
import { BrokenPackages, SetMetadata } from "./set-metadata.ts"
import { Signature, Signer } from "./signature.ts"
import { ChosenListDigest } from "./signed-lookup.ts"
import { Stamp } from "./snapshot.ts"

/** How a repository's metadata is made. */
export const MetadataOptions = { ...RunOptions, ...FileOptions }

/** The same, and who signs repomd.xml, where it is signed. */
export const RepodataOptions = { ...MetadataOptions, signer: Schema.optionalWith(Signer, { exact: true }) }

/** The folder `repodata` of one list of rpms. */
export const Repodata = plan("repodata", {
  version: 2,
  needs: [SetMetadata, SetDeltas, MetadataFiles, Repomd, Signature],
  input: Schema.Struct({
    /** Of the sub-repository; "" for the repository itself. */
    name: Schema.String,
    set: ChosenListDigest,
    stamp: Stamp,
    deltas: Schema.optionalWith(DeltaRequest, { exact: true }),
    ...RepodataOptions
  }),
  output: Schema.Struct({
    repodata: DigestOf(Directory),
    /** How many packages it lists. */
    rpms: Schema.Int,
    /** The folder of its delta rpms, where it has some. */
    drpms: Schema.optionalWith(DigestOf(Directory), { exact: true }),
    impossibleDeltas: Schema.optionalWith(Schema.Array(ImpossibleDelta), { exact: true }),
    warnings: Schema.Array(PackageWarning),
    /** What of the files that it was given does not fit it. */
    fileWarnings: Schema.Array(Schema.String)
  }),
  label: ({ name }) => name,
  run: ({ additional = [], deltas, set, signer, stamp, ...options }) =>
    Effect.gen(function* () {
      const { broken, warnings, ...groups } = yield* need(SetMetadata, { set, ...options, ...rowsFor(options) })
      if (broken.length > 0) return yield* new BrokenPackages({ packages: broken })
      const made = deltas === undefined ? null : yield* need(SetDeltas, { set, ...deltas })
      const given = made === null ? additional : [...additional, prestodelta(made.prestodelta, options.compression)]
      const { files, fileWarnings } = yield* need(MetadataFiles, {
        ...groups,
        ...options,
        ...(given.length === 0 ? {} : { additional: given })
      })
      const repomd = yield* need(Repomd, { files, stamp })
      const entries: ReadonlyArray<DirectoryEntry> = [
        ...fileEntries(files, repomd),
        ...(signer === undefined ? [] : signatureFiles(yield* need(Signature, { repomd, signer })))
      ]
      return {
        repodata: yield* writeBlob(Directory, { entries }),
        rpms: groups.packages,
        ...(yield* madeDeltas(made)),
        warnings,
        fileWarnings
      }
    })
})

/** What repomd.xml lists, and itself. */
export const fileEntries = (files: RepositoryFiles, repomd: BlobOf<Uint8Array>): ReadonlyArray<DirectoryEntry> => [
  ...Object.values(files).map((file) => ({ name: uniqueName(file), type: "rope" as const, content: file.content })),
  { name: "repomd.xml", type: "file", content: repomd }
]

/** Under the names by which clients look for them. */
const signatureFiles = ({ key, signature }: OutputOf<typeof Signature>): ReadonlyArray<DirectoryEntry> => [
  { name: "repomd.xml.asc", type: "file", content: signature },
  ...(key === undefined ? [] : [{ name: "repomd.xml.key", type: "file" as const, content: key }])
]

interface MadeDeltas {
  readonly drpms?: BlobOf<Directory>
  readonly impossibleDeltas?: ReadonlyArray<typeof ImpossibleDelta.Type>
}

/** An empty folder is none. */
const madeDeltas = (made: OutputOf<typeof SetDeltas> | null): Effect.Effect<MadeDeltas, never, Blobs> =>
  made === null
    ? Effect.succeed({})
    : Effect.map(readBlob(Directory, made.drpms), ({ entries }) => ({
        ...(entries.length === 0 ? {} : { drpms: made.drpms }),
        impossibleDeltas: made.impossible
      }))
