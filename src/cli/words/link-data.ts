import type { InheritanceLink } from "../../koji/inheritance.ts"

/** An inheritance link in a command's JSON, by Koji's names. */
export const linkData = (link: InheritanceLink) => ({
  parent_id: link.parentId,
  name: link.name,
  child_id: link.childId,
  priority: link.priority,
  maxdepth: link.maxdepth,
  intransitive: link.intransitive,
  noconfig: link.noconfig,
  pkg_filter: link.pkgFilter ?? ""
})
