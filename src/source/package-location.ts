/** How packages are found from the repository, where that is not their path in the directory. */
export interface LocationEdit {
  /** How many leading folders are taken off at most; the file name stays. */
  readonly cutDirs: number
  /** Put before what is left; empty for nothing. */
  readonly prefix: string
}

/** A package's `location/@href`. Source: createrepo_c's --cut-dirs and --location-prefix. */
export const packageLocation = (path: string, { cutDirs, prefix }: LocationEdit): string => {
  let rest = path
  for (let left = cutDirs; left > 0; left -= 1) {
    const [folder] = /^\/*[^/]*\/+/.exec(rest) ?? []
    if (folder === undefined) break
    rest = rest.slice(folder.length)
  }
  return prefix === "" ? rest : `${prefix.replace(/\/+$/, "")}/${rest.replace(/^\/+/, "")}`
}
