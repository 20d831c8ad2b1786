import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, writeBlob } from "../graph/index.ts"
import { repomdXml } from "../src/repodata/repomd.ts"

/** One record of repomd.xml. Checksums are sha256 in hex, sizes in bytes. */
const RepomdRecord = Schema.Struct({
  type: Schema.String,
  /** Below `repodata/`. */
  name: Schema.String,
  checksum: Schema.String,
  size: Schema.Int,
  openChecksum: Schema.optionalWith(Schema.String, { exact: true }),
  openSize: Schema.Int
})

/** repomd.xml: the only metadata with a date in it, that of the content's newest event. */
export const Repomd = action("repomd", {
  version: 1,
  input: Schema.Struct({ records: Schema.Array(RepomdRecord), /** Unix seconds. */ time: Schema.Int }),
  output: DigestOf(Bytes),
  label: () => "",
  run: ({ records, time }) =>
    Effect.suspend(() =>
      writeBlob(
        Bytes,
        repomdXml({
          revision: String(time),
          records: records.map(({ name, ...record }) => ({ ...record, href: `repodata/${name}`, timestamp: time }))
        })
      )
    )
})
