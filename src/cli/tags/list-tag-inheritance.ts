import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { FullLink } from "../../koji/inheritance.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { inheritanceFlags } from "../words/inheritance-flags.ts"
import { linkData } from "../words/link-data.ts"
import { tagData } from "../words/tag-data.ts"
import type { ListTagInheritance } from "./tag-specs.ts"

export const listTagInheritance = ({ tag, event, topdir }: ArgsOf<typeof ListTagInheritance>) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const info = yield* hub.tagInfo(tag, event ?? null)
    const links = yield* hub.fullInheritance(tag, event ?? null)
    return {
      lines: [`     ${info.name} (${info.id})`, ...treeLines(links)],
      data: { tag: tagData(info), inheritance: links.map((link) => ({ ...linkData(link), currdepth: link.currdepth })) }
    } satisfies Report
  }).pipe((effect) => withHub(topdir, effect))

/** The links, in the order of a depth-first walk, as a tree: three columns a generation. */
export const treeLines = (links: ReadonlyArray<FullLink>): ReadonlyArray<string> => {
  /** The depths at which a later sibling is still to come. */
  const open = new Set<number>()
  return links.map((link, index) => {
    const depth = link.currdepth
    const next = links.slice(index + 1).find(({ currdepth }) => currdepth <= depth)
    const last = next?.currdepth !== depth
    for (const other of [...open]) if (other >= depth) open.delete(other)
    const stems = Array.from({ length: depth - 1 }, (_, above) => (open.has(above + 1) ? "  │" : "   "))
    if (!last) open.add(depth)
    return `${inheritanceFlags(link)}${stems.join("")}  ${last ? "└" : "├"}─${link.name} (${link.parentId})`
  })
}
