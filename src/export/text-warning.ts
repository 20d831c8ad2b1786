/** A package's text that XML cannot hold as it is, in words for people. */
export const textWarning = (warning: {
  /** The package, by the name that its asker knows it under. */
  readonly package: string
  readonly field: string
  readonly problem: string
}): string => `${warning.package}: its ${warning.field} has a ${warning.problem}, written as U+FFFD`
