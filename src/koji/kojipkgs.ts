import { fileName } from "../rpm/nevra.ts"
import { pythonJsonString } from "./python-json.ts"
import { packageHref, type RpmName } from "./topdir.ts"

/** One package of a repository, as Koji's `kojipkgs` file records it. */
export interface KojiPackage extends RpmName {
  readonly id: number
  readonly buildId: number
  readonly epoch: number | null
  /** Hex of the header's SIGMD5. */
  readonly payloadhash: string
  /** Size of the primary copy in bytes, also where a signed copy is in the repository. */
  readonly size: number
  /** Unix time in seconds. */
  readonly buildtime: number
  /** The key that was chosen; null where none of the wanted ones is there and the primary copy was taken. */
  readonly sigkey: string | null
  /** Absolute path of the file that the repository links to. */
  readonly path: string
  /** The sub-repository that lists it; null for the repository itself. */
  readonly subrepo: string | null
  /** Whether it is of another word length than the repository. */
  readonly multilib: boolean
}

/** The `kojipkgs` file of one architecture, byte for byte as Python's `json.dump(…, indent=4)` writes it, in the order given. */
export const kojipkgs = (packages: ReadonlyArray<KojiPackage>): string => joinKojipkgs(packages.map(kojipkgsEntry))

/** Entries made by `kojipkgsEntry` put together to a file, so that they can be made apart and kept. */
export const joinKojipkgs = (entries: ReadonlyArray<string>): string =>
  entries.length === 0 ? "{}" : `{\n${entries.join(",\n")}\n}`

/** One entry: the fields of the hub's row by name, then what the builder adds. No comma and no newline at its end. */
export const kojipkgsEntry = (rpm: KojiPackage): string => {
  const fields = hubFields(rpm, { sigkey: rpm.sigkey })
  if (rpm.sigkey !== null) fields.push(["best_key", pythonJsonString(rpm.sigkey)])
  fields.push(["_pkgpath", pythonJsonString(rpm.path)])
  if (rpm.multilib) fields.push(["_multilib", "true"])
  if (rpm.subrepo !== null) fields.push(["_subrepo", pythonJsonString(rpm.subrepo)])
  const lines = fields.map(([name, value]) => `        "${name}": ${value}`)
  return `    ${pythonJsonString(fileName(rpm))}: {\n${lines.join(",\n")}\n    }`
}

/** The fields of the hub's row by name, as JSON; with the key of a copy where one of several copies is meant. */
export const hubFields = (
  rpm: Omit<KojiPackage, "sigkey" | "subrepo" | "multilib" | "path">,
  copy?: { readonly sigkey: string | null }
): Array<readonly [name: string, value: string]> => [
  ["arch", pythonJsonString(rpm.arch)],
  ["build_id", String(rpm.buildId)],
  ["buildroot_id", "null"],
  ["buildtime", String(rpm.buildtime)],
  ["draft", "false"],
  ["epoch", String(rpm.epoch)],
  ["extra", "null"],
  ["id", String(rpm.id)],
  ["metadata_only", "false"],
  ["name", pythonJsonString(rpm.name)],
  ["payloadhash", pythonJsonString(rpm.payloadhash)],
  ["release", pythonJsonString(rpm.release)],
  ...(copy === undefined ? [] : [["sigkey", copy.sigkey === null ? "null" : pythonJsonString(copy.sigkey)] as const]),
  ["size", String(rpm.size)],
  ["version", pythonJsonString(rpm.version)]
]

/** One line of `pkglist`, newline included. `prefix` leads to the folder in which `Packages` is. */
export const pkglistLine = (rpm: RpmName, prefix: "" | "../"): string => `${prefix}${packageHref(fileName(rpm))}\n`
