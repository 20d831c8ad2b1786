import { Schema } from "effect"
import { packageHref } from "../src/koji/topdir.ts"
import { fileName, nvra } from "../src/rpm/nevra.ts"
import { metadataGroups } from "./metadata-groups.ts"
import { BrokenPackage } from "./metadata-run.ts"
import type { PackageToRead } from "./package-metadata.ts"
import { ChosenChunk, type ChosenRpm } from "./rpm-row.ts"
import { ChosenList } from "./signed-lookup.ts"

/** The metadata of every rpm of a set. `time/@file` is the build time: the file's own differs between installations. */
export const SetMetadata = metadataGroups(
  { groups: "metadata-groups", run: "metadata-run" },
  ChosenList,
  ChosenChunk,
  (rpm) => ({ ...packageToRead(rpm), href: packageHref(fileName(rpm)), timeFile: rpm.buildtime })
)

/** What its metadata is read from, and has to agree with. */
export function packageToRead(rpm: ChosenRpm): Omit<PackageToRead, "changelogLimit"> {
  return { package: nvra(rpm), file: rpm.file, sigmd5: rpm.payloadhash, signedWith: rpm.sigkey }
}

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
