import { compareEvr } from "../rpm/evr.ts"
import { nvra } from "../rpm/nevra.ts"

/** How repositories are merged, by Koji's names of it: see {@link mergeRepos}. */
export const mergeModes = ["koji", "simple", "bare"] as const
export type MergeMode = (typeof mergeModes)[number]

/** What a merge looks at of a package. */
export interface MergePackage {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
  /** The file name of its source package; "" where it names none, as source packages do. */
  readonly sourceRpm: string
}

/** A package of the merged repository: which repository has it, and where in its list. */
export interface MergedPackage {
  readonly repo: number
  readonly index: number
  /** Whether it is to be named among the origins: the first of its N-E-V-R.A. */
  readonly origin: boolean
}

/**
 * Chooses what is in the merge of some repositories, of which the first is the one that counts most. Of all only packages of the arches
 * of `arch` and `noarch` ones come in. In mode `koji` each source package, by name, belongs to the first repository with something that was
 * built from it, and of several versions there to the highest; nothing else of that name comes in, nor what is `blocked`, and each N-V-R.A comes
 * in once. In mode `simple` all comes in but what is blocked. In mode `bare` the first of each N-E-V-R.A does. Packages come in the order
 * of their repositories. Source: mergerepo_c 0.17.3.
 */
export const mergeRepos = (
  repos: ReadonlyArray<ReadonlyArray<MergePackage>>,
  { arch, blocked, mode }: { readonly mode: MergeMode; readonly arch: string; readonly blocked: ReadonlySet<string> }
): ReadonlyArray<MergedPackage> => {
  const arches = new Set([...(expansions.get(arch) ?? []), arch, "noarch"])
  const claims = mode === "koji" ? sourceClaims(repos) : null
  const seen = new Set<string>()
  const merged: Array<MergedPackage> = []
  for (const [repo, packages] of repos.entries()) {
    for (const [index, package_] of packages.entries()) {
      if (!arches.has(package_.arch)) continue
      if (mode !== "bare" && !isAllowed(package_, blocked, claims)) continue
      const key = mode === "koji" ? nvra(package_) : `${package_.epoch}:${nvra(package_)}`
      const origin = !seen.has(key)
      if (!origin && mode !== "simple") continue
      seen.add(key)
      merged.push({ repo, index, origin })
    }
  }
  return merged
}

/** By name: the source package from which packages may be. */
type Claims = ReadonlyMap<string, Source & { readonly repo: number; readonly file: string }>

interface Source {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly epoch: string
}

/** What names no source package is in nobody's way. */
const isAllowed = ({ sourceRpm }: MergePackage, blocked: ReadonlySet<string>, claims: Claims | null): boolean => {
  if (sourceRpm === "") return true
  const source = sourceOf(sourceRpm)
  if (blocked.has(source.name)) return false
  return claims === null || claims.get(source.name)?.file === sourceRpm
}

const sourceClaims = (repos: ReadonlyArray<ReadonlyArray<MergePackage>>): Claims => {
  const claims = new Map<string, Source & { readonly repo: number; readonly file: string }>()
  for (const [repo, packages] of repos.entries()) {
    for (const file of new Set(packages.map(({ sourceRpm }) => sourceRpm))) {
      if (file === "") continue
      const source = sourceOf(file)
      const claim = claims.get(source.name)
      if (claim === undefined || (claim.repo === repo && compareEvr(source, claim) > 0)) {
        claims.set(source.name, { ...source, repo, file })
      }
    }
  }
  return claims
}

/** Takes any text for a file name, as the tool does: what it lacks is empty, and at the least it is a name. */
const sourceOf = (file: string): Source => {
  const [nvr] = splitLast(file.replace(/\.rpm$/, ""), ".")
  const [nv, release] = splitLast(nvr, "-")
  const [name, version] = splitLast(nv, "-")
  return { epoch: "0", name, version, release }
}

const splitLast = (text: string, separator: string): readonly [before: string, after: string] => {
  const at = text.lastIndexOf(separator)
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)]
}

/** What `--arch-expand` adds to an arch, counterparts of another word length among it; the list of `arm` is as short as the tool's. */
const i386 = ["i386", "i486", "i586", "geode", "i686", "athlon"]
const expansions: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["i386", i386],
  ["x86_64", ["ia32e", "amd64", ...i386]],
  ["ppc64", ["ppc64pseries", "ppc64iseries", "ppc"]],
  ["s390x", ["s390"]],
  ["sparc", ["sparcv8", "sparcv9", "sparcv9v", "sparcv9v2"]],
  ["sparc64", ["sparc64v", "sparc64v2"]],
  [
    "alpha",
    [
      ...["alphaev4", "alphaev45", "alphaev5", "alphaev56", "alphapca56"],
      ...["alphaev6", "alphaev67", "alphaev68", "alphaev7"]
    ]
  ],
  ["arm", ["armv5tejl", "armv6l", "armv7l"]],
  ["armhfp", ["armv7hl", "armv7hnl"]],
  ["sh4", ["sh4a"]]
])
