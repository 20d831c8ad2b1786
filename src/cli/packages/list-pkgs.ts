import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { PackageEntry } from "../../hub/model.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import type { ListPkgs } from "./package-specs.ts"

export const listPkgs = (args: ArgsOf<typeof ListPkgs>) =>
  Effect.gen(function* () {
    const { tag, event, noinherit, showBlocked, topdir } = args
    if (tag === undefined) return yield* new UsageError({ reason: "Please specify a tag with --tag" })
    const list = Effect.flatMap(Hub, (hub) => hub.listPackages(tag, { event: event ?? null, inherit: !noinherit }))
    const packages = (yield* withHub(topdir, list))
      .filter(({ packageName }) => args.package === undefined || packageName === args.package)
      .filter(({ blocked }) => showBlocked || !blocked)
    return {
      lines: [...(args.quiet ? [] : HEADING), ...packages.map(entryLine)],
      data: { packages: packages.map(entryData) }
    } satisfies Report
  })

const row = (name: string, tag: string, extraArches: string, owner: string): string =>
  `${name.padEnd(23)} ${tag.padEnd(23)} ${extraArches.padEnd(16)} ${owner.padEnd(15)}`

const HEADING = [
  row("Package", "Tag", "Extra Arches", "Owner"),
  row("-".repeat(23), "-".repeat(23), "-".repeat(16), "-".repeat(15))
]

/** The column of extra arches is Koji's; they have no effect on repositories, so this hub has none. */
const entryLine = ({ packageName, tagName, owner, blocked }: PackageEntry): string =>
  `${row(packageName, tagName, "", owner)}${blocked ? " [BLOCKED]" : ""}`

const entryData = ({ packageName, tagName, owner, blocked }: PackageEntry) => ({
  package_name: packageName,
  tag_name: tagName,
  owner_name: owner,
  blocked
})
