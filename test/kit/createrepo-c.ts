import { execFileSync } from "node:child_process"
import { existsSync, realpathSync } from "node:fs"
import { delimiter, join } from "node:path"
import { Schema } from "effect"
import { runTool } from "./clients.ts"

/** A createrepo_c on PATH. */
export interface CreaterepoC {
  readonly path: string
  /** As `0.17.3`. */
  readonly version: string
  /** Versions before 1.0 read and write no zstd. */
  readonly knowsZstd: boolean
  /** The `mergerepo_c` beside it. */
  readonly mergerepo: string | undefined
  /** The Python beside it, where that can import its library. */
  readonly python: string | undefined
}

/** Every createrepo_c on PATH, once each: /bin may be a link to /usr/bin. */
export const createrepoCs = (): ReadonlyArray<CreaterepoC> => {
  const folders = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => existsSync(join(folder, "createrepo_c")))
    .map((folder) => realpathSync(folder))
  return [...new Set(folders)].map((folder) => {
    const path = join(folder, "createrepo_c")
    const printed = execFileSync(path, ["--version"], { encoding: "utf8" })
    const [, version = "0"] = /Version: (\S+)/.exec(printed) ?? []
    const merge = join(folder, "mergerepo_c")
    return {
      path,
      version,
      knowsZstd: !version.startsWith("0."),
      mergerepo: existsSync(merge) ? merge : undefined,
      python: pythonIn(folder)
    }
  })
}

/** Runs it without sqlite files; its metadata is compressed as told. */
export const createrepo = (
  { knowsZstd, path }: CreaterepoC,
  compression: "gz" | "zstd",
  args: ReadonlyArray<string>
): ReturnType<typeof runTool> =>
  runTool(path, ["--no-database", ...(knowsZstd ? ["--general-compress-type", compression] : []), ...args])

/** What createrepo_c's library finds in a repository. */
const RepositoryRead = Schema.Struct({
  packages: Schema.Array(
    Schema.Struct({
      nevra: Schema.String,
      href: Schema.String,
      sha256: Schema.String,
      /** Bytes. */
      size: Schema.Int,
      files: Schema.Array(Schema.String),
      /** Author, Unix seconds, text; as they stand in the document, oldest first. */
      changelogs: Schema.Array(Schema.Tuple(Schema.String, Schema.Int, Schema.String))
    })
  ),
  /** The types in repomd.xml. */
  records: Schema.Array(Schema.String)
})

/** Reads a repository with createrepo_c's library. */
export const readWithLibrary = async (python: string, folder: string): Promise<typeof RepositoryRead.Type> => {
  const { stdout } = await runTool(python, ["-c", readerScript, folder])
  return Schema.decodeSync(Schema.parseJson(RepositoryRead))(stdout)
}

const readerScript = `
import createrepo_c, json, sys
metadata = createrepo_c.Metadata()
metadata.locate_and_load_xml(sys.argv[1])
packages = [metadata.get(key) for key in metadata.keys()]
print(json.dumps({
  "packages": [{
    "nevra": package.nevra(), "href": package.location_href, "sha256": package.pkgId, "size": package.size_package,
    "files": [file[1] + file[2] for file in package.files], "changelogs": [entry[:3] for entry in package.changelogs]
  } for package in packages],
  "records": [record.type for record in createrepo_c.Repomd(sys.argv[1] + "/repodata/repomd.xml").records]
}))
`

const pythonIn = (folder: string): string | undefined => {
  const python = join(folder, "python3")
  try {
    execFileSync(python, ["-c", "import createrepo_c"], { stdio: "ignore" })
    return python
  } catch {
    return undefined
  }
}
