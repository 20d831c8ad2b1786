/** A usage error as Koji prints it: the usage, an empty line, the error. */
export const misuseText = (usage: string, reason: string): string =>
  `${usage}\n(Specify the --help option for a list of other options)\n\ndistgraph: error: ${reason}\n`
