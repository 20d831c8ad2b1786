import type { Reference } from "../../graph/index.ts"
import { externalReferences } from "./external-repo.ts"
import { snapshotReferences } from "./remembered-snapshot.ts"
import { directoryReferences } from "./witnesses.ts"

/** The blobs that a text names which a source has the store remember; none where it is of another version, or no source's. */
export const rememberedBlobs = (name: string, text: string): ReadonlyArray<Reference> =>
  [snapshotReferences, directoryReferences, externalReferences].flatMap((referencesIn) => referencesIn(name, text))
