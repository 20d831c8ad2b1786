import { deltas } from "./deltas.ts"
import { ChosenChunk } from "./rpm-row.ts"
import { ChosenList } from "./signed-lookup.ts"

/** The delta rpms of a set of a tag's rpms. */
export const SetDeltas = deltas(
  "set-deltas",
  ChosenList,
  ChosenChunk,
  ({ arch, epoch, file, name, release, version }) => ({
    name,
    epoch,
    version,
    release,
    arch,
    file
  })
)
