/**
 * The name of the repository that an architecture belongs to: `i686` is in `i386`, `armv7hl` in `armhfp`; unknown names
 * stay as they are. Source: Koji's canonArch.
 */
export const canonArch = (arch: string): string => {
  for (const [pattern, name] of canonicalNames) if (pattern.test(arch)) return name
  return arch
}

/**
 * The rpm architectures of a repository's architecture, in the order in which Koji asks for them; undefined for one
 * that Koji's table does not know (Koji's task fails for such a one). Source: Koji's compatibility table of dist repos.
 */
export const rpmArchesOf = (repoArch: string): ReadonlyArray<string> | undefined => compatible.get(repoArch)

/** The first match wins. */
const canonicalNames: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(i.86|athlon)$/s, "i386"],
  [/^ia32e$/, "x86_64"],
  [/^ppc64le$/, "ppc64le"],
  [/^ppc64/, "ppc64"],
  [/^sparc64/, "sparc64"],
  [/^sparc/, "sparc"],
  [/^alpha/, "alpha"],
  [/^arm.*h/s, "armhfp"],
  [/^arm/, "arm"]
]

const compatible: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["i386", ["athlon", "i686", "i586", "i486", "i386", "noarch"]],
  ["x86_64", ["amd64", "ia32e", "x86_64", "noarch"]],
  ["ia64", ["ia64", "noarch"]],
  ["ppc", ["ppc", "noarch"]],
  ["ppc64", ["ppc64p7", "ppc64pseries", "ppc64iseries", "ppc64", "noarch"]],
  ["ppc64le", ["ppc64le", "noarch"]],
  ["s390", ["s390", "noarch"]],
  ["s390x", ["s390x", "noarch"]],
  ["sparc", ["sparcv9v", "sparcv9", "sparcv8", "sparc", "noarch"]],
  ["sparc64", ["sparc64v", "sparc64", "noarch"]],
  ["alpha", ["alphaev6", "alphaev56", "alphaev5", "alpha", "noarch"]],
  ["arm", ["arm", "armv4l", "armv4tl", "armv5tel", "armv5tejl", "armv6l", "armv7l", "noarch"]],
  ["armhfp", ["armv7hl", "armv7hnl", "noarch"]],
  ["aarch64", ["aarch64", "noarch"]],
  ["riscv64", ["riscv64", "noarch"]],
  ["sw_64", ["sw_64", "noarch"]],
  ["loongarch64", ["loongarch64", "noarch"]],
  ["src", ["src"]]
])
