import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { sharedPath } from "./oracle.ts"

/** One recorded command, and the repo that the real Koji made of it. */
export interface KojiVariant {
  readonly name: string
  /** The words behind `koji dist-repo`; of a tagging, upon which Koji's plugin tag2distrepo made the repo, those behind its command. */
  readonly args: ReadonlyArray<string>
  readonly byPlugin: boolean
  readonly repoId: number
  /** The event that the repo saw. */
  readonly createEvent: number
  /** Whether a repository came of it; a failed one leaves empty folders. */
  readonly published: boolean
  /** Whether its metadata is zstd: the builder had createrepo_c 2.0.0. */
  readonly zstd: boolean
  /** Where the tag's `latest` pointed just after it. */
  readonly latest: number | null
}

/** A line of a repo's recorded listing. */
export interface KojiEntry {
  readonly path: string
  readonly type: "directory" | "file"
  /** Hex; "" but for files. */
  readonly sha256: string
}

/** The names of all recordings, those of other commands too; none where there is no recording. */
export const kojiVariantNames = (): ReadonlyArray<string> => {
  const folder = sharedPath("oracle", "variants")
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

export const readKojiVariant = (name: string): KojiVariant => {
  const [, command, ...args] = kojiText(name, "command.txt").trim().split(/\s+/)
  const { create_event, id } = Schema.decodeSync(Schema.parseJson(RepoInfo))(kojiText(name, "repoInfo.json"))
  const latest = /^latest -> (\d+)$/m.exec(kojiText(name, "tag-dir.txt"))?.[1]
  const tree = kojiTree(name)
  return {
    name,
    args,
    byPlugin: command === "tag-build" || command === "untag-build",
    repoId: id,
    createEvent: create_event,
    published: tree.some(({ path }) => path.endsWith("/repodata/repomd.xml")),
    zstd: tree.some(({ path }) => path.endsWith(".xml.zst")),
    latest: latest === undefined ? null : Number(latest)
  }
}

export const tagOf = ({ args }: KojiVariant): string => wordsOf(args)[0] ?? ""

/** The keys asked for; the plugin takes them from the tag. */
export const keysOf = ({ args, byPlugin, name }: KojiVariant): ReadonlyArray<string> =>
  byPlugin ? Schema.decodeSync(Schema.parseJson(RepoJson))(kojiText(name, "repo.json")).keys : wordsOf(args).slice(1)

const wordsOf = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.filter((word, at) => !word.startsWith("-") && !withValue.has(args[at - 1] ?? ""))

const withValue: ReadonlySet<string> = new Set([
  "--arch",
  "--comps",
  "--delta-rpms",
  "--event",
  "--multilib",
  "--volume",
  "--zck-dict-dir"
])

/** Everything that was in the repo's folder, by path in the order of code units. */
export const kojiTree = (name: string): ReadonlyArray<KojiEntry> =>
  kojiText(name, "tree.tsv")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line): KojiEntry => {
      const [path = "", type, , , sha256 = ""] = line.split("\t")
      return { path, type: type === "d" ? "directory" : "file", sha256: type === "d" ? "" : sha256 }
    })

/** A file of a recording. */
export const kojiText = (name: string, ...path: ReadonlyArray<string>): string =>
  readFileSync(sharedPath("oracle", "variants", name, ...path), "utf8")

/** What the builder logged for each arch under this name, such as `missing_files`; arches whose task was cancelled have none. */
export const kojiLogs = (name: string, log: string): ReadonlyArray<string> => {
  const folder = sharedPath("oracle", "variants", name, "tasks")
  return readdirSync(folder)
    .filter((file) => file.endsWith(`-${log}.log`))
    .map((file) => readFileSync(join(folder, file), "utf8"))
}

/** An rpm of the tag as the hub knew it then, with the keys that had signed it ("" for none). */
export interface KojiRpm {
  readonly nvra: string
  readonly keys: ReadonlyArray<string>
}

/** The rpms of all the arches that the builder asked for, by name. */
export const kojiRpms = (name: string): ReadonlyArray<KojiRpm> => {
  const folder = sharedPath("oracle", "variants", name, "hub")
  const rows = readdirSync(folder)
    .filter((file) => file.startsWith("listTaggedRPMS-"))
    .flatMap((file) => Schema.decodeSync(Schema.parseJson(RpmList))(readFileSync(join(folder, file), "utf8")).rpms)
    .map(({ arch, name: rpm, release, sigkey, version }) => ({ nvra: `${rpm}-${version}-${release}.${arch}`, sigkey }))
  return [...Map.groupBy(rows, ({ nvra }) => nvra)]
    .map(([nvra, same]) => ({ nvra, keys: same.map(({ sigkey }) => sigkey).sort() }))
    .sort((a, b) => (a.nvra < b.nvra ? -1 : 1))
}

/** The rpms that the builder's `missing_signatures.log` names, with the keys that they have. */
export const loggedUnsigned = (name: string): ReadonlyArray<KojiRpm> =>
  kojiLogs(name, "missing_signatures")
    .flatMap((log) => [...log.matchAll(/^(\S+): \[(.*)\]$/gm)])
    .map(([, nvra = "", keys = ""]) => ({
      nvra,
      keys: keys === "" ? [] : keys.split(", ").map((key) => key.slice(1, -1))
    }))

const RepoJson = Schema.Struct({ keys: Schema.Array(Schema.String) })

const RepoInfo = Schema.Struct({ id: Schema.Int, create_event: Schema.Int })

const RpmList = Schema.Struct({
  rpms: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      version: Schema.String,
      release: Schema.String,
      arch: Schema.String,
      sigkey: Schema.String
    })
  )
})
