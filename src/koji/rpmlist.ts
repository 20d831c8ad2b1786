import { hubFields, type KojiPackage } from "./kojipkgs.ts"

/** What an internal repo's lists say of an rpm; `path` is that of its primary copy, relative to the topdir. */
export type ListedRpm = Omit<KojiPackage, "sigkey" | "subrepo" | "multilib">

/** The name, in the folder of each arch of an internal repo, of the link to the topdir through which its packages are reached. */
export const toplink = "toplink"

/** Where an internal repo's metadata places a package: through the link. */
export const toplinkHref = (path: string): string => `${toplink}/${path}`

/** One line of an internal repo's `rpmlist.jsonl`: the hub's row, its fields by name, as Python's `json.dumps` writes it. */
export const rpmlistLine = (rpm: ListedRpm): string =>
  `{${hubFields(rpm)
    .map(([name, value]) => `"${name}": ${value}`)
    .join(", ")}}\n`
