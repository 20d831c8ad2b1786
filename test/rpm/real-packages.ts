import { existsSync, readFileSync } from "node:fs"
import { sharedPath } from "../kit/oracle.ts"

/** A row of the index of real packages: what rpm 4.18 says about a file. */
export interface RealPackage {
  readonly file: string
  readonly bytes: () => Buffer
  readonly column: (name: string) => string
}

/** The real packages, none where they are not at hand. */
export const realPackages = (): ReadonlyArray<RealPackage> => {
  const index = sharedPath("rpms", "INDEX.tsv")
  if (!existsSync(index)) return []
  const [header = "", ...lines] = readFileSync(index, "utf8").trimEnd().split("\n")
  const names = header.split("\t")
  return lines.map((line) => {
    const cells = line.split("\t")
    return {
      file: cells[0] ?? "",
      bytes: () => readFileSync(sharedPath("rpms", cells[0] ?? "")),
      column: (name) => cells[names.indexOf(name)] ?? ""
    }
  })
}
