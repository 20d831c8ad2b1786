import { Either } from "effect"
import { BadPackage } from "./bad-package.ts"
import { isSourcePackage } from "./merged-view.ts"
import type { PackageHead } from "./package-head.ts"
import { Tag } from "./tags.ts"

/** A package's name, epoch (uint32; null where none is set, which orders as 0), version, release and architecture. */
export interface Nevra {
  readonly name: string
  readonly epoch: number | null
  readonly version: string
  readonly release: string
  readonly arch: string
}

/** Name, version and release of a build or a package. */
export interface Nvr {
  readonly name: string
  readonly version: string
  readonly release: string
}

/**
 * The NEVRA in a package's header. Source packages have the architecture their file name has: `nosrc` if sources or
 * patches are left out of them, else `src`. Name, version, release and architecture become parts of paths, so a header
 * in which one of them is missing or not a safe path segment is refused.
 */
export const nevraOf = (head: PackageHead): Either.Either<Nevra, BadPackage> =>
  Either.gen(function* () {
    const { main } = head
    const name = yield* segment("name", main.string(Tag.name))
    const version = yield* segment("version", main.string(Tag.version))
    const release = yield* segment("release", main.string(Tag.release))
    const arch = isSourcePackage(head) ? sourceArch(head) : yield* segment("architecture", main.string(Tag.arch))
    return { name, epoch: main.number(Tag.epoch) ?? null, version, release, arch }
  })

/** What is wrong with this text as one segment of a path, or null: it must stay one visible entry of its directory. */
export const unsafeSegment = (text: string): string | null => {
  if (text === "") return "is empty"
  if (text.startsWith(".")) return "starts with a dot"
  if (text.includes("/")) return "contains a slash"
  if (CONTROL.test(text)) return "contains a control character"
  if (!text.isWellFormed() || text.includes("\ufffd")) return "is not valid UTF-8"
  return Buffer.byteLength(text) > MAX_SEGMENT ? `is longer than ${MAX_SEGMENT} bytes` : null
}

/** `name-version-release`. */
export const nvr = ({ name, version, release }: Nvr): string => `${name}-${version}-${release}`

/** `name-version-release.arch`. The epoch is never part of it. */
export const nvra = (package_: Nvr & { readonly arch: string }): string => `${nvr(package_)}.${package_.arch}`

/** The package's file name, `name-version-release.arch.rpm`. */
export const fileName = (package_: Nvr & { readonly arch: string }): string => `${nvra(package_)}.rpm`

/**
 * Splits `name-version-release` as Koji does: the release stands after the last dash, the version before it; the name
 * may start with `epoch:`. Left: Koji's message, `invalid format: …`.
 */
export const parseNvr = (text: string): Either.Either<Nvr & { readonly epoch: string }, string> => {
  const releaseDash = text.lastIndexOf("-")
  const versionDash = releaseDash < 1 ? -1 : text.lastIndexOf("-", releaseDash - 1)
  if (versionDash < 0 || versionDash === releaseDash - 1 || releaseDash === text.length - 1) {
    return Either.left(`invalid format: ${text}`)
  }
  const prefix = text.slice(0, versionDash)
  const colon = prefix.indexOf(":")
  const name = prefix.slice(colon + 1)
  const version = text.slice(versionDash + 1, releaseDash)
  const release = text.slice(releaseDash + 1)
  return Either.right({ name, version, release, epoch: colon < 0 ? "" : prefix.slice(0, colon) })
}

/** Splits `name-version-release.arch`, with or without `.rpm` and `@location`, as Koji does. */
export const parseNvra = (
  text: string
): Either.Either<Nvr & { readonly epoch: string; readonly arch: string; readonly src: boolean }, string> => {
  const located = text.split("@", 1)[0] ?? ""
  const bare = located.endsWith(".rpm") ? located.slice(0, -4) : located
  const dot = bare.lastIndexOf(".")
  if (dot < 0 || dot === bare.length - 1) return Either.left(`invalid format: ${bare}`)
  const arch = bare.slice(dot + 1)
  return Either.map(parseNvr(bare.slice(0, dot)), (parsed) => ({ ...parsed, arch, src: arch === "src" }))
}

/** Most file systems end a name there. */
const MAX_SEGMENT = 255
const CONTROL = /\p{Cc}/u

const sourceArch = ({ main }: PackageHead): string =>
  main.has(Tag.noSource) || main.has(Tag.noPatch) ? "nosrc" : "src"

const segment = (what: string, value: string | undefined): Either.Either<string, BadPackage> => {
  if (value === undefined) return Either.left(new BadPackage({ reason: `its header has no ${what}` }))
  const problem = unsafeSegment(value)
  return problem === null
    ? Either.right(value)
    : Either.left(new BadPackage({ reason: `its ${what} ${JSON.stringify(value)} ${problem}` }))
}
