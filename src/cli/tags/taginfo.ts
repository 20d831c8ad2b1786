import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { BuildConfig, TagExternalRepo } from "../../hub/model.ts"
import type { InheritanceLink } from "../../koji/inheritance.ts"
import type { TagGroup } from "../../koji/tag-groups.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import { tagExternalRepoData } from "../words/external-repo-data.ts"
import { inheritanceFlags } from "../words/inheritance-flags.ts"
import { linkData } from "../words/link-data.ts"
import { pythonText } from "../words/python-text.ts"
import type { TagInfo } from "./tag-specs.ts"

export const tagInfo = ({ tags, event, topdir }: ArgsOf<typeof TagInfo>) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const infos = yield* Effect.forEach(tags, (tag) =>
      Effect.all({
        config: hub.buildConfig(tag, event ?? null),
        groups: hub.groups(tag, { event: event ?? null }),
        parents: hub.inheritance(tag, event ?? null),
        externalRepos: hub.tagExternalRepos({ tag, event: event ?? null })
      })
    )
    return {
      lines: infos.flatMap((info, index) => [...(index > 0 ? [""] : []), ...infoLines(info)]),
      data: { tags: infos.map(infoData) }
    } satisfies Report
  }).pipe((effect) => withHub(topdir, effect))

interface Info {
  /** With the extra values of the parents. */
  readonly config: BuildConfig
  readonly groups: ReadonlyArray<TagGroup>
  readonly parents: ReadonlyArray<InheritanceLink>
  readonly externalRepos: ReadonlyArray<TagExternalRepo>
}

const infoLines = ({ config, externalRepos, groups, parents }: Info): ReadonlyArray<string> => [
  `Tag: ${config.name} [${config.id}]`,
  `Arches: ${config.arches}`,
  `Groups: ${groups.map(({ name }) => name).join(", ")}`,
  ...(config.locked ? ["LOCKED"] : []),
  "Tag options:",
  ...Object.entries(config.extra)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      const line = `  ${key} : ${pythonText(value)}`
      const from = config.inheritedFrom[key]
      return from === undefined ? line : `${line.padEnd(30)} [${from}]`
    }),
  ...(externalRepos.length === 0 ? [] : ["External repos:", ...externalRepos.map(externalRepoLine)]),
  "Inheritance:",
  ...parents.flatMap((link) => [
    `  ${String(link.priority).padEnd(4)} ${inheritanceFlags(link)} ${link.name} [${link.parentId}]`,
    ...(link.maxdepth === null ? [] : [`    maxdepth: ${link.maxdepth}`]),
    ...(link.pkgFilter ? [`    package filter: ${link.pkgFilter}`] : [])
  ])
]

const externalRepoLine = ({ arches, externalRepoName, mergeMode, priority, url }: TagExternalRepo): string =>
  `  ${String(priority).padStart(3)} ${externalRepoName} (${url}, merge mode: ${mergeMode}), arches: ${arches || "inherited from tag"}`

const infoData = ({ config, externalRepos, groups, parents }: Info) => ({
  id: config.id,
  name: config.name,
  arches: config.arches,
  locked: config.locked,
  extra: config.extra,
  inherited_extra: config.inheritedFrom,
  groups: groups.map(({ name }) => name),
  external_repos: externalRepos.map(tagExternalRepoData),
  inheritance: parents.map(linkData)
})
