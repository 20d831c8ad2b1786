import { deltas } from "./deltas.ts"
import { OlderChunk, OlderList } from "./older-packages.ts"

/** The delta rpms of a directory's packages. */
export const DirectoryDeltas = deltas("directory-deltas", OlderList, OlderChunk, (row) => row)
