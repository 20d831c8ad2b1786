/** Names as indented lines; of many only the first, with a count of the others, unless all are wanted. */
export const foldedNames = (names: ReadonlyArray<string>, all: boolean): ReadonlyArray<string> => {
  const shown = all || names.length <= listed + 1 ? names : names.slice(0, listed)
  const others = names.length - shown.length
  const lines = shown.map((name) => `  ${name}`)
  return others === 0 ? lines : [...lines, `  … and ${others} others (--explain-all lists them)`]
}

/** So many lines of one list before the rest is counted. */
const listed = 8
