import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, writeBlob } from "../graph/index.ts"
import { repomdXml } from "../src/repodata/repomd.ts"
import { FileFacts } from "./metadata-file.ts"
import { Stamp } from "./snapshot.ts"

/** A file of the repository's metadata; its name is that below `repodata/`. */
const NamedFile = Schema.Struct({ name: Schema.String, ...FileFacts })

/** repomd.xml: the only metadata with a date in it, that of the content's newest event. */
export const Repomd = action("repomd", {
  version: 1,
  input: Schema.Struct({ primary: NamedFile, filelists: NamedFile, other: NamedFile, stamp: Stamp }),
  output: DigestOf(Bytes),
  label: () => "",
  run: ({ stamp, ...files }) =>
    Effect.suspend(() =>
      writeBlob(
        Bytes,
        repomdXml({
          revision: String(stamp.time),
          records: Object.entries(files).map(([type, { checksum, name, openChecksum, ...sizes }]) => ({
            type,
            checksum: { type: "sha256", value: checksum },
            ...(openChecksum === undefined ? {} : { openChecksum: { type: "sha256", value: openChecksum } }),
            ...sizes,
            href: `repodata/${name}`,
            timestamp: stamp.time
          }))
        })
      )
    )
})
