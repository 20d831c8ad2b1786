import { type ModuleDocument, textAt } from "./read-modules.ts"
import { bytewise } from "./shape.ts"
import { isMap, nodeAt, type YamlMap, type YamlNode } from "./yaml-node.ts"

/**
 * One document of several that tell the defaults of one module. Of each thing that they tell (the default stream, the profiles of a
 * stream, an intent) what was modified last counts. Where the newest do not agree, no stream is the default; for all else that is a
 * conflict. Source: libmodulemd, which merges two at a time.
 */
export const mergeDefaults = (
  documents: readonly [ModuleDocument, ...ReadonlyArray<ModuleDocument>],
  conflict: (text: string) => void
): ModuleDocument => {
  const [{ kind, module, root }] = documents
  const agreed = (keys: ReadonlyArray<string>, what: string): ReadonlyArray<YamlNode> => {
    const nodes = newest(documents, keys)
    if (nodes.length > 1)
      conflict(`the defaults of ${module} are given with different ${what}, modified at the same time`)
    return nodes.slice(0, 1)
  }
  const below = (key: string, what: string): YamlMap => ({
    entries: keysOf(documents, key).flatMap((name) =>
      agreed([key, name], `${what} ${name}`).map((node) => [name, node] as const)
    )
  })
  const merged = (key: string): ReadonlyArray<YamlNode> => {
    switch (key) {
      case "modified":
        return [{ plain: String(documents.map(modifiedOf).reduce(max)) }]
      case "stream": {
        const streams = newest(documents, [key])
        return streams.length > 1 ? [] : streams
      }
      case "profiles":
        return [below(key, "profiles of stream")]
      case "intents":
        return [below(key, "intent")]
      default:
        return agreed([key], key)
    }
  }
  const keys = keysOf(documents)
  const ordered = [...known.filter((key) => keys.includes(key)), ...keys.filter((key) => !known.includes(key))]
  const data = { entries: ordered.flatMap((key) => merged(key).map((node) => [key, node] as const)) }
  return {
    kind,
    module,
    root: { entries: root.entries.map(([key, node]) => [key, key === "data" ? data : node] as const) }
  }
}

const known = ["module", "modified", "stream", "profiles", "intents"]

/** What those that were modified last, of all that tell it, have at a place: each once. */
const newest = (documents: ReadonlyArray<ModuleDocument>, keys: ReadonlyArray<string>): ReadonlyArray<YamlNode> => {
  const told = documents.flatMap((document) => {
    const node = nodeAt(document.root, "data", ...keys)
    return node === undefined ? [] : [{ modified: modifiedOf(document), node }]
  })
  const latest = told.map(({ modified }) => modified).reduce(max, 0n)
  const nodes = told.filter(({ modified }) => modified === latest).map(({ node }) => node)
  return [...new Map(nodes.map((node) => [JSON.stringify(node), node])).values()]
}

/** Of the maps at a place, each once, sorted. */
const keysOf = (documents: ReadonlyArray<ModuleDocument>, ...at: ReadonlyArray<string>): ReadonlyArray<string> => {
  const maps = documents.map(({ root }) => nodeAt(root, "data", ...at))
  return [...new Set(maps.flatMap((map) => (isMap(map) ? map.entries.map(([key]) => key) : [])))].sort(bytewise)
}

const modifiedOf = (document: ModuleDocument): bigint => BigInt(textAt(document, "data", "modified") || 0)

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
