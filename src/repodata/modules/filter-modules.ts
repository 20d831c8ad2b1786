import type { HeldPackages } from "../held-packages.ts"
import { streamName } from "./merge-modules.ts"
import { type ModuleDocument, textAt } from "./read-modules.ts"
import { isList, isMap, nodeAt, scalarText, type YamlMap, type YamlNode } from "./yaml-node.ts"

/** What of merged modules belongs into a repository, and what people should know of the rest. */
export interface ModulesFiltered {
  readonly documents: ReadonlyArray<ModuleDocument>
  readonly warnings: ReadonlyArray<string>
}

/**
 * Limits modules to a repository: streams of its arches, each with those packages only that the repository holds. A stream of which it
 * holds none is left out, and what else is told of a module that has no stream left. A stream that names no arch is one of
 * any, as it is for dnf.
 */
export const filterModules = (
  documents: ReadonlyArray<ModuleDocument>,
  repository: { readonly arches: ReadonlyArray<string>; readonly packages: HeldPackages }
): ModulesFiltered => {
  const warnings: Array<string> = []
  const streams = documents
    .filter(({ kind }) => kind === "modulemd")
    .filter((document) => ["", ...repository.arches].includes(textAt(document, "data", "arch")))
    .flatMap((document) => limited(document, repository.packages, (text) => warnings.push(text)))
  const kept = new Map(streams.map((stream) => [stream.from, stream.document]))
  const modules = new Set(streams.map(({ document }) => document.module))
  return {
    documents: documents.flatMap((document) => {
      if (document.kind === "modulemd") return kept.get(document) ?? []
      return modules.has(document.module) ? [document] : []
    }),
    warnings
  }
}

const limited = (
  document: ModuleDocument,
  packages: HeldPackages,
  warn: (text: string) => void
): ReadonlyArray<{ readonly from: ModuleDocument; readonly document: ModuleDocument }> => {
  const artifacts = nodeAt(document.root, "data", "artifacts", "rpms")
  const listed = (isList(artifacts) ? artifacts : []).map((artifact) => scalarText(artifact) ?? "")
  const held = listed.filter((nevra) => packages.has(nevra))
  // what builds list beside it is in repositories of its own
  const missing = listed.filter((nevra) => !packages.has(nevra) && !elsewhere.test(nevra)).length
  if (held.length === 0) {
    const why = listed.length === 0 ? "it lists no packages" : "the repository holds none of its packages"
    warn(`the module stream ${streamName(document)} is left out: ${why}`)
    return []
  }
  if (missing > 0) {
    const some = missing === 1 ? "a package" : `${missing} packages`
    warn(`the module stream ${streamName(document)} lists ${some} that the repository does not hold: left out of it`)
  }
  const map = nodeAt(document.root, "data", "artifacts", "rpm-map")
  const fitting = isMap(map)
    ? limitedMap(map, packages, (text) => warn(`the module stream ${streamName(document)} ${text}`))
    : undefined
  const replaced = new Map<string, YamlNode>([
    ["rpms", held],
    ...(fitting === undefined ? [] : [["rpm-map", fitting] as const])
  ])
  return [{ from: document, document: { ...document, root: withArtifacts(document.root, replaced) } }]
}

/** Sources and debug information. */
const elsewhere = /\.(?:no)?src$|-debug(?:info|source|info-common)-\d+:/

/** From checksum types to checksums to packages. */
const limitedMap = (map: YamlMap, packages: HeldPackages, warn: (text: string) => void): YamlMap => ({
  entries: map.entries.map(([type, sums]) => {
    const entries = (isMap(sums) ? sums.entries : []).filter(([sum, entry]) => {
      const nevra = scalarText(nodeAt(entry, "nevra")) ?? ""
      const held = packages.get(nevra)
      if (held !== undefined && held.checksumType === type && held.checksum !== sum) {
        warn(`maps the ${type} ${sum} to ${nevra}, whose file has ${held.checksum}`)
      }
      return held !== undefined
    })
    return [type, { entries }] as const
  })
})

const withArtifacts = (root: YamlMap, replaced: ReadonlyMap<string, YamlNode>): YamlMap =>
  changed(root, "data", (data) =>
    changed(data, "artifacts", (artifacts) => ({
      entries: artifacts.entries.map(([key, node]) => [key, replaced.get(key) ?? node] as const)
    }))
  )

const changed = (map: YamlMap, key: string, change: (value: YamlMap) => YamlMap): YamlMap => ({
  entries: map.entries.map(([name, value]) => [name, name === key && isMap(value) ? change(value) : value] as const)
})
