/** A package's text that XML cannot hold as it is, in words for people. */
export const textWarning = (warning: {
  /** The package, by the name that its asker knows it under. */
  readonly package: string
  readonly field: string
  readonly problem: string
}): string => `${warning.package}: its ${warning.field} has a ${warning.problem}, written as U+FFFD`

/** A pair of packages of which no delta rpm can be made, in words for people. */
export const impossibleDelta = (delta: {
  readonly package: string
  readonly from: string
  /** Of the tool. */
  readonly reason: string
}): string => `no delta from ${delta.from} to ${delta.package}: ${delta.reason}`
