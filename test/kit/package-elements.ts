import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, zstdDecompressSync } from "node:zlib"

/** The files of metadata that have an element a package. */
export const elementKinds = ["primary", "filelists", "other"] as const

/** The text of a repository's only metadata file of a kind. */
export const documentOf = (folder: string, kind: (typeof elementKinds)[number]): string => {
  const [name = "", ...more] = readdirSync(join(folder, "repodata")).filter((file) => file.includes(`${kind}.xml`))
  if (more.length > 0) throw new Error(`${folder} has several files of ${kind}`)
  const bytes = readFileSync(join(folder, "repodata", name))
  return (
    name.endsWith(".gz") ? gunzipSync(bytes) : name.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes
  ).toString()
}

/** What stands around the package elements of a document, and the elements. */
export const elementsOf = (document: string) => {
  const start = document.indexOf("<package ")
  const end = document.lastIndexOf("</")
  return start < 0
    ? { opening: document.slice(0, end), elements: [], closing: document.slice(end) }
    : {
        opening: document.slice(0, start),
        elements: document.slice(start, end).split(/(?<=<\/package>\n)/),
        closing: document.slice(end)
      }
}

/** Character references in attribute values become the characters they stand for, as libxml2 writes them since 2.14. */
export const withRawAttributes = (xml: string): string =>
  xml.replace(/="[^"]*&#x[^"]*"/g, (value) =>
    value.replace(/&#x([0-9A-F]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
  )

/** Requirements as a set that knows nothing of `pre`, of which createrepo_c before 1.1.1 had a narrower idea. */
export const withoutPre = (xml: string): string =>
  xml.replace(/(<rpm:requires>\n)(.*)( {4}<\/rpm:requires>)/s, (_, open: string, entries: string, close: string) => {
    const lines = new Set(entries.replaceAll(' pre="1"', "").split("\n"))
    return open + [...lines].toSorted().join("\n") + close
  })

/** librpm 4.18 provides a package of rpm 3 itself once more than it does. */
export const withoutRepeatedProvides = (xml: string): string =>
  xml.replace(/<rpm:provides>\n.* {4}<\/rpm:provides>/s, (group) => [...new Set(group.split("\n"))].join("\n"))
