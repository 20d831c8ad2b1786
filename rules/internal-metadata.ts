import { toplinkHref } from "../src/koji/rpmlist.ts"
import { metadataGroups } from "./metadata-groups.ts"
import { ChosenChunk, copyPath } from "./rpm-row.ts"
import { packageToRead } from "./set-metadata.ts"
import { ChosenList } from "./signed-lookup.ts"

/** The metadata of every rpm of an internal repo, which holds none itself: they are reached through its link to the topdir. */
export const InternalMetadata = metadataGroups(
  { groups: "internal-groups", run: "internal-run" },
  ChosenList,
  ChosenChunk,
  (rpm) => ({ ...packageToRead(rpm), href: toplinkHref(copyPath(rpm, null)), timeFile: rpm.buildtime })
)
