import { Effect, Schema } from "effect"
import { action, Bytes, DigestOf, need, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { heldPackages } from "../src/repodata/held-packages.ts"
import { filterUpdateinfo, mergeUpdateinfo } from "../src/repodata/updateinfo/merge-updateinfo.ts"
import { updateinfoXml } from "../src/repodata/updateinfo/print-updateinfo.ts"
import { readUpdateinfo } from "../src/repodata/updateinfo/read-updateinfo.ts"
import { givenReader } from "./given-reader.ts"
import { HeldListDigest, readHeldPackages } from "./held-packages.ts"
import { GivenFile } from "./unusable-metadata.ts"

/** What an updateinfo.xml holds, and its reader. */
const { Read: Advisories, ReadFile: ReadUpdateinfo } = givenReader("advisories", readUpdateinfo)

/** What becomes of the advisories that a repository is given. */
const Made = Schema.Struct({
  /** null where nothing is left. */
  content: Schema.NullOr(DigestOf(Bytes)),
  warnings: Schema.Array(Schema.String)
})

/** The updateinfo.xml of one repository. */
const UpdateinfoXml = action("updateinfo-xml", {
  version: 1,
  input: Schema.Struct({ files: Schema.Array(DigestOf(Advisories)), held: HeldListDigest }),
  output: Made,
  label: () => "",
  cost: () => 100,
  run: ({ files, held }) =>
    Effect.gen(function* () {
      const merged = mergeUpdateinfo(yield* Effect.forEach(files, (file) => readBlob(Advisories, file)))
      const limited = filterUpdateinfo(merged.advisories, heldPackages(yield* readHeldPackages(held)))
      const { advisories } = limited
      return {
        content: advisories.length === 0 ? null : yield* writeBlob(Bytes, updateinfoXml(advisories)),
        warnings: [...merged.warnings, ...limited.warnings]
      }
    })
})

/** Files of advisories as those about the packages of one repository. */
export const Updateinfo = plan("updateinfo", {
  version: 1,
  needs: [ReadUpdateinfo, UpdateinfoXml],
  input: Schema.Struct({ files: Schema.Array(GivenFile(DigestOf(Bytes))), held: HeldListDigest }),
  output: Made,
  label: () => "",
  run: ({ files, held }) =>
    Effect.flatMap(needAll(ReadUpdateinfo, files), (read) => need(UpdateinfoXml, { files: read, held }))
})
