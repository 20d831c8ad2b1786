import type { TagInfo } from "../../hub/model.ts"

/** A tag in a command's JSON, by Koji's names; `extra` is the tag's own. */
export const tagData = ({ id, name, arches, locked, extra }: TagInfo) => ({ id, name, arches, locked, extra })
