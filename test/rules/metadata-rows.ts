import type { DigestOf } from "../../graph/index.ts"
import { type MetadataRow, MetadataRows } from "../../rules/compress-group.ts"
import { PackageMetadata } from "../../rules/package-metadata.ts"
import { fileName, nvra } from "../../src/rpm/nevra.ts"
import type { engineKit } from "../kit/engine-kit.ts"
import { fixtureRows } from "./fixture-rows.ts"

/** Fixture packages, in this order, as a chunk of a list's metadata would have them. */
export const metadataRows = async (
  kit: ReturnType<typeof engineKit>,
  files: ReadonlyArray<string>
): Promise<DigestOf<ReadonlyArray<MetadataRow>>> => {
  const rows: Array<MetadataRow> = []
  for (const file of files) {
    const rpm = fixtureRows().find((row) => fileName(row) === file)
    if (rpm === undefined) throw new Error(`no fixture is named ${file}`)
    const read = await kit.want(PackageMetadata, {
      package: nvra(rpm),
      file: rpm.primary,
      sigmd5: rpm.payloadhash,
      signedWith: null,
      changelogLimit: 10
    })
    if (read._tag === "Broken") throw new Error(read.reason)
    rows.push({ fragments: read.fragments, href: `Packages/${rpm.name[0]}/${file}`, timeFile: rpm.buildtime })
  }
  return kit.give(MetadataRows, rows)
}
