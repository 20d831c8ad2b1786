/** The SQLite databases that repeat the metadata for old clients, one for each of its three files. */
export type DatabaseKind = "primary" | "filelists" | "other"

/** The tables of dependencies, by the names of their elements in primary.xml. In the order of createrepo_c. */
export const dependencyTables = [
  "requires",
  "provides",
  "conflicts",
  "obsoletes",
  "suggests",
  "enhances",
  "recommends",
  "supplements"
] as const
export type DependencyTable = (typeof dependencyTables)[number]

/** The version of the schema, in `db_info` and in repomd.xml. */
export const databaseVersion = 10

/** What is made before the rows are there, and what is better made after. As createrepo_c words it. */
export interface DatabaseSchema {
  readonly tables: ReadonlyArray<string>
  readonly indexes: ReadonlyArray<string>
}

const info = "CREATE TABLE db_info (dbversion INTEGER, checksum TEXT)"
const bareTable = "CREATE TABLE packages (  pkgKey INTEGER PRIMARY KEY,  pkgId TEXT)"

const dependencyTable = (name: DependencyTable): string => {
  const pre = name === "requires" ? ", pre BOOLEAN DEFAULT FALSE" : ""
  return `CREATE TABLE ${name} (  name TEXT,  flags TEXT,  epoch TEXT,  version TEXT,  release TEXT,  pkgKey INTEGER ${pre})`
}

const removing = (trigger: string, tables: ReadonlyArray<string>): string =>
  `CREATE TRIGGER ${trigger} AFTER DELETE ON packages  BEGIN${tables
    .map((table) => `    DELETE FROM ${table} WHERE pkgKey = old.pkgKey;`)
    .join("")}  END`

export const databaseSchemas: Readonly<Record<DatabaseKind, DatabaseSchema>> = {
  primary: {
    tables: [
      info,
      "CREATE TABLE packages (  pkgKey INTEGER PRIMARY KEY,  pkgId TEXT,  name TEXT,  arch TEXT,  version TEXT,  epoch TEXT,  release TEXT,  summary TEXT,  description TEXT,  url TEXT,  time_file INTEGER,  time_build INTEGER,  rpm_license TEXT,  rpm_vendor TEXT,  rpm_group TEXT,  rpm_buildhost TEXT,  rpm_sourcerpm TEXT,  rpm_header_start INTEGER,  rpm_header_end INTEGER,  rpm_packager TEXT,  size_package INTEGER,  size_installed INTEGER,  size_archive INTEGER,  location_href TEXT,  location_base TEXT,  checksum_type TEXT)",
      "CREATE TABLE files (  name TEXT,  type TEXT,  pkgKey INTEGER)",
      ...dependencyTables.map(dependencyTable),
      removing("removals", ["files", ...dependencyTables])
    ],
    indexes: [
      "CREATE INDEX packagename ON packages (name)",
      "CREATE INDEX packageId ON packages (pkgId)",
      "CREATE INDEX filenames ON files (name)",
      "CREATE INDEX pkgfiles ON files (pkgKey)",
      ...dependencyTables.flatMap((name) => [
        `CREATE INDEX pkg${name} on ${name} (pkgKey)`,
        ...(name === "requires" || name === "provides" ? [`CREATE INDEX ${name}name ON ${name} (name)`] : [])
      ])
    ]
  },
  filelists: {
    tables: [
      info,
      bareTable,
      "CREATE TABLE filelist (  pkgKey INTEGER,  dirname TEXT,  filenames TEXT,  filetypes TEXT)",
      removing("remove_filelist", ["filelist"])
    ],
    indexes: [
      "CREATE INDEX keyfile ON filelist (pkgKey)",
      "CREATE INDEX pkgId ON packages (pkgId)",
      "CREATE INDEX dirnames ON filelist (dirname)"
    ]
  },
  other: {
    tables: [
      info,
      bareTable,
      "CREATE TABLE changelog (  pkgKey INTEGER,  author TEXT,  date INTEGER,  changelog TEXT)",
      removing("remove_changelogs", ["changelog"])
    ],
    indexes: ["CREATE INDEX keychange ON changelog (pkgKey)", "CREATE INDEX pkgId ON packages (pkgId)"]
  }
}
