import { Data, Either } from "effect"
import { fileName, unsafeSegment } from "../rpm/nevra.ts"

/** A name that may not become part of a path. */
export class UnsafePath extends Data.TaggedError("UnsafePath")<{
  readonly what: string
  readonly segment: string
  readonly reason: string
}> {
  override get message(): string {
    return `the ${this.what} ${JSON.stringify(this.segment)} ${this.reason}, so it cannot be part of a path`
  }
}

/** What places a build: its volume and its N-V-R. On DEFAULT (null) is the build itself or a link to it, wherever it lies. */
export interface BuildPlace {
  readonly volume: string | null
  readonly name: string
  readonly version: string
  readonly release: string
}

/** What names a package file. */
export interface RpmName {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly arch: string
}

type Path = Either.Either<string, UnsafePath>

// Paths of Koji's topdir, relative to it, with "/" between segments. Source: Koji's PathInfo.

// Plain code, as they are made for every package of every export.

export const buildDir = ({ name, release, version, volume }: BuildPlace): Path => {
  const root = volumeRoot(volume)
  if (Either.isLeft(root)) return root
  const unsafe = unsafeIn("name", name) ?? unsafeIn("version", version) ?? unsafeIn("release", release)
  if (unsafe !== null) return Either.left(unsafe)
  return Either.right(`${root.right === "" ? "" : `${root.right}/`}packages/${name}/${version}/${release}`)
}

/** The file as it was imported. */
export const primaryRpm = (build: BuildPlace, rpm: RpmName): Path => under(build, rpm, "", "")

/** The copy signed with a key (8 lower-case hex digits). */
export const signedRpm = (build: BuildPlace, rpm: RpmName, sigkey: string): Path =>
  Either.flatMap(safe("key", sigkey), (key) => under(build, rpm, `data/signed/${key}/`, ""))

/** The stored signature header; that of an unsigned file ("") lies one folder higher, as its key's segment is empty. */
export const signatureHeaderFile = (build: BuildPlace, rpm: RpmName, sigkey: string): Path =>
  Either.flatMap(sigkey === "" ? Either.right("") : Either.map(safe("key", sigkey), (key) => `${key}/`), (key) =>
    under(build, rpm, `data/sigcache/${key}`, ".sig")
  )

/** The root of a volume: "" for the topdir itself, which is DEFAULT (null). */
export const volumeRoot = (volume: string | null): Path =>
  volume === null || volume === "DEFAULT"
    ? Either.right("")
    : Either.map(safe("volume", volume), (name) => `vol/${name}`)

/**
 * The folder of a tag's dist repos: repo ids and the `latest` link. On another volume than DEFAULT (null) it holds the repos themselves, to
 * which links lead from the topdir's.
 */
export const distRepoTagDir = (tag: string, volume: string | null = null): Path =>
  Either.flatMap(volumeRoot(volume), (root) => tagDir(root === "" ? "repos-dist" : `${root}/repos-dist`, tag))

/** The folder of a tag's internal repos, which are on no other volume. */
export const internalRepoTagDir = (tag: string): Path => tagDir("repos", tag)

/** Of an arch of a repo, where debug information is apart: the folder of its sub-repository. In Koji its packages lie among the others. */
export const debugFolder = "debug"

/** The letter directory of a package file: its first character, in lower case. */
export const letterOf = (fileName: string): string => String.fromCodePoint(fileName.codePointAt(0) ?? 0).toLowerCase()

/** `Packages/<l>/<file>` within a repo's arch folder. */
export const packageHref = (fileName: string): string => `Packages/${letterOf(fileName)}/${fileName}`

const under = (build: BuildPlace, rpm: RpmName, folder: string, suffix: string): Path => {
  const dir = buildDir(build)
  if (Either.isLeft(dir)) return dir
  const file = `${fileName(rpm)}${suffix}`
  const unsafe = unsafeIn("arch", rpm.arch) ?? unsafeIn("file name", file)
  return unsafe === null ? Either.right(`${dir.right}/${folder}${rpm.arch}/${file}`) : Either.left(unsafe)
}

const tagDir = (root: string, tag: string): Path =>
  Either.map(Either.all(tag.split("/").map((segment) => safe("tag", segment))), (segments) =>
    [root, ...segments].join("/")
  )

const safe = (what: string, segment: string): Path => {
  const unsafe = unsafeIn(what, segment)
  return unsafe === null ? Either.right(segment) : Either.left(unsafe)
}

const unsafeIn = (what: string, segment: string): UnsafePath | null => {
  const reason = unsafeSegment(segment)
  return reason === null ? null : new UnsafePath({ what, segment, reason })
}
