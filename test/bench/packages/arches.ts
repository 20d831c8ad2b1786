/** The arches that packages are generated for. */
export const benchArches = ["x86_64", "aarch64", "ppc64le", "s390x"] as const

/** How rpm names an arch in dependencies on a package of that arch (its macro `%_isa`). */
const isaNames: Readonly<Record<string, string>> = {
  x86_64: "(x86-64)",
  aarch64: "(aarch-64)",
  ppc64le: "(ppc-64)",
  s390x: "(s390-64)",
  noarch: "(noarch)"
}

/** The number of an arch in the lead of a package (rpm's `rpmrc`, lines `arch_canon`). */
const leadNumbers: Readonly<Record<string, number>> = { x86_64: 1, aarch64: 19, ppc64le: 16, s390x: 15, noarch: 255 }

/** The arch number for the lead; undefined for an arch that nothing is generated for. */
export const leadNumber = (arch: string): number | undefined => leadNumbers[arch]

/** A dependency of a package of one arch, as the same package of another would have it: `bash(x86-64)`, `bash(aarch-64)`. */
export const dependencyFor = (dependency: string, from: string, to: string): string => {
  const [old, isa] = [isaNames[from], isaNames[to]]
  if (old === undefined || isa === undefined || old === isa || !dependency.endsWith(old)) return dependency
  return dependency.slice(0, -old.length) + isa
}
