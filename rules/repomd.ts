import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, writeBlob } from "../graph/index.ts"
import { repomdXml } from "../src/repodata/repomd.ts"
import { FileFacts, repomdRecord, uniqueName } from "./repository-file.ts"
import { Stamp } from "./snapshot.ts"

/** repomd.xml: the only metadata with a date in it, that of the content's newest event. */
export const Repomd = action("repomd", {
  version: 2,
  input: Schema.Struct({
    files: Schema.Record({ key: Schema.String, value: Schema.Struct({ name: Schema.String, ...FileFacts }) }),
    stamp: Stamp
  }),
  output: DigestOf(Bytes),
  label: () => "",
  run: ({ files, stamp }) =>
    Effect.suspend(() =>
      writeBlob(
        Bytes,
        repomdXml({
          revision: String(stamp.time),
          records: Object.entries(files).map(([type, { name, ...file }]) =>
            repomdRecord(file, {
              as: "sha256",
              type,
              href: `repodata/${uniqueName({ name, ...file })}`,
              timestamp: stamp.time
            })
          )
        })
      )
    )
})
