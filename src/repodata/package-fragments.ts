import { Data, Either } from "effect"
import type { PackageHead } from "../rpm/package-head.ts"
import { changelogElements } from "./changelogs.ts"
import { fileElements } from "./file-list.ts"
import { listElement } from "./list-element.ts"
import { packageIdentity } from "./package-identity.ts"
import { type PackageFile, type PrimaryPieces, primaryPieces } from "./primary.ts"
import { byteString, type TextProblem } from "./xml-text.ts"

/** A field whose text XML cannot hold as it is; the characters in question became U+FFFD. */
interface TextWarning {
  readonly field: string
  readonly problem: TextProblem
}

/** All that a package contributes to the metadata of any repository that lists it. */
export interface PackageFragments extends FragmentParts<Uint8Array> {
  /** All of it, see `encodeFragments`; the parts are views of it. */
  readonly blob: Uint8Array
}

interface FragmentParts<Part> {
  readonly primary: PrimaryPieces<Part>
  readonly filelists: Part
  readonly other: Part
  /** Each field and problem once. createrepo_c leaves packages with control characters out; we keep them. */
  readonly warnings: ReadonlyArray<TextWarning>
}

/**
 * Prints a package for primary.xml, filelists.xml and other.xml, element for element as createrepo_c 1.2 does.
 * `changelogLimit` is the number of newest changelog entries to keep, negative for all (createrepo_c's default is 10).
 * Pure: the same head, file and options give the same bytes.
 */
export const packageFragments = (
  head: PackageHead,
  file: PackageFile,
  options: { readonly changelogLimit: number }
): PackageFragments => {
  const warnings = new Map<string, TextWarning>()
  const report = (field: string, problem: TextProblem): void => {
    warnings.set(`${field} ${problem}`, { field, problem })
  }
  const identity = packageIdentity(head, report)
  const files = fileElements(head, report)
  const primary = primaryPieces(head, file, identity, files, report)
  const changelogs = changelogElements(head.main, options.changelogLimit, report)
  const blob = encodeFragments({
    primary,
    filelists: listElement(file.checksum, identity, files.all),
    other: listElement(file.checksum, identity, changelogs),
    warnings: [...warnings.values()]
  })
  return Either.getOrThrow(decodeFragments(blob))
}

/** One blob that holds a package's fragments: magic, six lengths, then the parts one behind the other. Texts are byte strings. */
export const encodeFragments = (fragments: FragmentParts<Uint8Array | string>): Uint8Array => {
  const { primary, filelists, other, warnings } = fragments
  const parts = [...primary, filelists, other, byteString(encodeWarnings(warnings))]
  const blob = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, INTRO_SIZE))
  blob.write(MAGIC, "latin1")
  let end = INTRO_SIZE
  for (const [at, part] of parts.entries()) {
    blob.writeUInt32LE(part.length, MAGIC.length + 4 * at)
    if (typeof part === "string") blob.write(part, end, "latin1")
    else blob.set(part, end)
    end += part.length
  }
  return blob
}

/** Reads what `encodeFragments` wrote; the parts are views of `blob`. */
export const decodeFragments = (blob: Uint8Array): Either.Either<PackageFragments, BadFragments> => {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length)
  if (bytes.length < INTRO_SIZE || bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return bad("wrong magic")
  let end = INTRO_SIZE
  const part = (at: number): Uint8Array => {
    const start = end
    end += bytes.readUInt32LE(MAGIC.length + 4 * at)
    return bytes.subarray(start, end)
  }
  const primary: PrimaryPieces = [part(0), part(1), part(2)]
  const filelists = part(3)
  const other = part(4)
  const warnings = decodeWarnings(Buffer.from(part(5)).toString("utf8"))
  if (end !== bytes.length) return bad(`${bytes.length} bytes where ${end} are announced`)
  return Either.right({ blob, primary, filelists, other, warnings })
}

/** A blob that is not one package's fragments. */
export class BadFragments extends Data.TaggedError("BadFragments")<{ readonly reason: string }> {
  override get message(): string {
    return `these are not the metadata fragments of a package: ${this.reason}`
  }
}

const MAGIC = "pkgfrag1"
const INTRO_SIZE = MAGIC.length + 4 * 6

const bad = (reason: string): Either.Either<never, BadFragments> => Either.left(new BadFragments({ reason }))

/** A line a warning: problem, tab, field. Neither holds a tab or a line feed. */
const encodeWarnings = (warnings: ReadonlyArray<TextWarning>): string =>
  warnings.map(({ field, problem }) => `${problem}\t${field}\n`).join("")

const decodeWarnings = (text: string): ReadonlyArray<TextWarning> =>
  text.split("\n").flatMap((line) => {
    const [problem, field] = line.split("\t")
    return field !== undefined && (problem === "control character" || problem === "not an XML character")
      ? [{ field, problem }]
      : []
  })
