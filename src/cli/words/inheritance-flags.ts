import type { InheritanceLink } from "../../koji/inheritance.ts"

/** The four letters that Koji shows for a link: maxdepth, package filter, intransitive, noconfig. */
export const inheritanceFlags = ({ maxdepth, pkgFilter, intransitive, noconfig }: InheritanceLink): string =>
  [maxdepth !== null && "M", Boolean(pkgFilter) && "F", intransitive && "I", noconfig && "N"]
    .map((flag) => flag || ".")
    .join("")
