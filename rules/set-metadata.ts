import { Schema } from "effect"
import { packageHref } from "../src/koji/topdir.ts"
import { fileName, nvra } from "../src/rpm/nevra.ts"
import { metadataGroups } from "./metadata-groups.ts"
import { BrokenPackage } from "./metadata-run.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { ChosenList } from "./signed-lookup.ts"

/** The metadata of every rpm of a set. `time/@file` is the build time: the file's own differs between installations. */
export const SetMetadata = metadataGroups(
  { groups: "metadata-groups", run: "metadata-run" },
  ChosenList,
  ChosenChunk,
  (rpm) => ({
    package: nvra(rpm),
    file: rpm.file,
    sigmd5: rpm.payloadhash,
    signedWith: rpm.sigkey,
    href: packageHref(fileName(rpm)),
    timeFile: rpm.buildtime
  })
)

/** Packages that a repository cannot list. */
export class BrokenPackages extends Schema.TaggedError<BrokenPackages>()("BrokenPackages", {
  packages: Schema.Array(BrokenPackage)
}) {
  override get message(): string {
    return this.packages
      .map(({ package: nvra, reason }) => `${nvra} cannot be listed: ${reason}; untag its build or import it anew`)
      .join("\n")
  }
}
