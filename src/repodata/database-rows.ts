import { type DependencyTable, dependencyTables } from "./database-schema.ts"
import { forEachElement } from "./fragment-elements.ts"

/** A value of an SQLite column. */
export type Cell = string | number | null

/** What a package's element of primary.xml is in the database: rows without their pkgKey. */
export interface PrimaryRows {
  /** A row of `packages`, in the order of its columns. */
  readonly package: ReadonlyArray<Cell>
  /** Rows of `files`: path, type. */
  readonly files: ReadonlyArray<ReadonlyArray<Cell>>
  /** Rows of the tables of dependencies: name, flags, epoch, version, release; of requires also pre. */
  readonly dependencies: ReadonlyArray<readonly [DependencyTable, ReadonlyArray<ReadonlyArray<Cell>>]>
}

/** The same of a package's element of filelists.xml or other.xml: its pkgid, and its rows of `filelist` or `changelog`. */
export interface ListRows {
  readonly pkgId: string
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
}

/** Reads a whole element of primary.xml, as it was printed here. */
export const primaryRows = (fragment: string): PrimaryRows => {
  const texts = new Map<string, string>()
  const attributes = new Map<string, string | null>()
  const files: Array<ReadonlyArray<Cell>> = []
  const dependencies = new Map<DependencyTable, Array<ReadonlyArray<Cell>>>()
  let table: DependencyTable | undefined
  forEachElement(fragment, ({ attribute, closes, name, text }) => {
    if (closes) return
    if (name === "rpm:entry") {
      if (table === undefined) return
      const row = ["name", "flags", "epoch", "ver", "rel"].map((field) => attribute(field))
      if (table === "requires") row.push(attribute("pre") === "1" ? "TRUE" : "FALSE")
      const rows = dependencies.get(table)
      if (rows === undefined) dependencies.set(table, [row])
      else rows.push(row)
    } else if (name === "file") {
      files.push([text(), attribute("type") ?? "file"])
    } else {
      const dependency = dependencyTables.find((known) => name === `rpm:${known}`)
      if (dependency !== undefined) table = dependency
      else if (name in attributesOf)
        for (const field of attributesOf[name] ?? []) attributes.set(`${name} ${field}`, attribute(field))
      else texts.set(name, text())
      if (name === "checksum") texts.set(name, text())
    }
  })
  const text = (name: string): string => texts.get(name) ?? ""
  const given = (name: string): string | null => text(name) || null
  const attribute = (name: string): string | null => attributes.get(name) ?? null
  const integer = (name: string): number => Number(attribute(name) ?? 0)
  return {
    package: [
      text("checksum"),
      text("name"),
      text("arch"),
      attribute("version ver"),
      attribute("version epoch"),
      attribute("version rel"),
      text("summary"),
      given("description"),
      given("url"),
      // these four have 32 bits in createrepo_c
      integer("time file") | 0,
      integer("time build") | 0,
      text("rpm:license"),
      text("rpm:vendor"),
      text("rpm:group"),
      text("rpm:buildhost"),
      text("rpm:sourcerpm"),
      integer("rpm:header-range start") | 0,
      integer("rpm:header-range end") | 0,
      given("packager"),
      integer("size package"),
      integer("size installed"),
      integer("size archive"),
      attribute("location href"),
      attribute("location xml:base"),
      attribute("checksum type")
    ],
    files,
    dependencies: [...dependencies]
  }
}

/** Reads an element of filelists.xml: a row for each folder, with the names and the types of what is in it. */
export const filelistRows = (fragment: string): ListRows => {
  let pkgId = ""
  const folders = new Map<string, { names: Array<string>; types: string }>()
  forEachElement(fragment, ({ attribute, closes, name, text }) => {
    if (closes) return
    if (name === "package") pkgId = attribute("pkgid") ?? ""
    if (name !== "file") return
    const path = text()
    const cut = path.lastIndexOf("/") + 1
    const folder = path.slice(0, cut).replace(/(?<=.)\/+$/, "") || "."
    const base = path.slice(cut) || "/"
    const type = attribute("type")?.[0] ?? "f"
    const known = folders.get(folder)
    if (known === undefined) folders.set(folder, { names: [base], types: type })
    else {
      known.names.push(base)
      known.types += type
    }
  })
  return { pkgId, rows: [...folders].map(([folder, { names, types }]) => [folder, names.join("/"), types]) }
}

/** Reads an element of other.xml: author, Unix seconds and text of each change, in their order. */
export const changelogRows = (fragment: string): ListRows => {
  let pkgId = ""
  const rows: Array<ReadonlyArray<Cell>> = []
  forEachElement(fragment, ({ attribute, closes, name, text }) => {
    if (closes) return
    if (name === "package") pkgId = attribute("pkgid") ?? ""
    if (name === "changelog") rows.push([attribute("author"), Number(attribute("date") ?? 0), text()])
  })
  return { pkgId, rows }
}

/** Elements whose facts are attributes. */
const attributesOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  version: ["epoch", "ver", "rel"],
  checksum: ["type"],
  time: ["file", "build"],
  size: ["package", "installed", "archive"],
  location: ["href", "xml:base"],
  "rpm:header-range": ["start", "end"]
}
