/**
 * Whether an rpm holds debug information, by its name alone, as Koji decides it for `--split-debuginfo` (a name that merely ends in
 * `-debug` does not).
 */
export const isDebuginfo = (name: string): boolean =>
  name.endsWith("-debuginfo") || name.endsWith("-debugsource") || name.includes("-debuginfo-")
