import { fileNames } from "../rpm/merged-view.ts"
import type { PackageHead } from "../rpm/package-head.ts"
import { Tag } from "../rpm/tags.ts"
import { isPlainText, type Report, xmlText } from "./xml-text.ts"

/** A package's files as `file` elements, byte strings. */
export interface FileElements {
  /** All files, indented for filelists.xml. */
  readonly all: string
  /** The files that primary.xml lists too, indented for it. */
  readonly primary: string
  /** The paths of the latter, as the header has them. */
  readonly primaryPaths: ReadonlySet<string>
}

/**
 * The `file` elements of a package, in the header's order. A package without file digests has none: createrepo_c since
 * 0.21 reads the list to the shortest of its arrays, of which that is one.
 */
export const fileElements = (head: PackageHead, report: Report): FileElements => {
  const { main } = head
  const { dirNames, dirIndexes, baseNames } = fileNames(head)
  const flags = main.numbers(Tag.fileFlags)
  const modes = main.numbers(Tag.fileModes)
  const digests = main.count(Tag.fileDigests)
  const count = Math.min(dirIndexes.length, baseNames.length, flags.length, modes.length, digests)
  const directories = dirNames.map(directoryOf)
  const primaryPaths = new Set<string>()
  let all = ""
  let primary = ""
  for (let i = 0; i < count; i += 1) {
    const directory = directories[dirIndexes[i] ?? 0] ?? NO_DIRECTORY
    const baseName = baseNames[i] ?? ""
    const open = OPENING[typeOf(modes[i] ?? 0, flags[i] ?? 0)]
    const body =
      directory.isPlain && isPlainText(baseName)
        ? `${open + directory.name + baseName}</file>\n`
        : `${open + xmlText(directory.name + baseName, "file", report)}</file>\n`
    all += `  ${body}`
    const inDoubt = directory.mayBePrimary || baseName.includes("/")
    if (directory.isPrimary || (inDoubt && isPrimary(directory.name + baseName))) {
      primary += `    ${body}`
      primaryPaths.add(directory.name + baseName)
    }
  }
  return { all, primary, primaryPaths }
}

/** Whether primary.xml lists a file of this path: those that packages commonly require. createrepo_c's rule. */
export const isPrimary = (path: string): boolean =>
  path.startsWith("/etc/") || path.includes("bin/") || path === "/usr/lib/sendmail"

/** What is known of all files of a directory, whatever their base names (without a slash) are. */
interface Directory {
  readonly name: string
  readonly isPlain: boolean
  readonly isPrimary: boolean
  readonly mayBePrimary: boolean
}

const directoryOf = (name: string): Directory => ({
  name,
  isPlain: isPlainText(name),
  isPrimary: isPrimary(name) && name !== "/usr/lib/sendmail",
  mayBePrimary: "/usr/lib/sendmail".startsWith(name)
})

const NO_DIRECTORY = directoryOf("")

const OPENING = { file: "<file>", dir: '<file type="dir">', ghost: '<file type="ghost">' } as const

const typeOf = (mode: number, flags: number): keyof typeof OPENING => {
  if ((mode & 0o170000) === 0o040000) return "dir"
  return (flags & 0x40) === 0 ? "file" : "ghost"
}
