import { Effect, Either } from "effect"
import { type BlobCodec, type Difference, type Digest, isDigest } from "../graph/index.ts"
import { type BuildPlace, primaryRpm, type RpmName, signedRpm } from "../src/koji/topdir.ts"
import { fileName } from "../src/rpm/nevra.ts"
import { lines } from "./lines.ts"
import { buildDifferences, rpmDifferences } from "./rpm-differences.ts"

/** What a tag's content says of one rpm, whatever copy of it is wanted. Every text is one safe path segment. */
interface RpmFacts extends RpmName {
  readonly epoch: number | null
  readonly id: number
  readonly buildId: number
  readonly build: { readonly name: string; readonly version: string; readonly release: string }
  /** Hex of the header's SIGMD5, by Koji's name. */
  readonly payloadhash: string
  /** Size of the primary copy in bytes. */
  readonly size: number
  /** Unix time in seconds. */
  readonly buildtime: number
}

/** An rpm of a snapshot, with all its copies. */
export interface TaggedRpm extends RpmFacts {
  /** The file as it was imported. */
  readonly primary: Digest
  /** By key ("" for the header of an unsigned file), bytewise; `copy` is null where no signed copy was written. */
  readonly signatures: ReadonlyArray<{ readonly sigkey: string; readonly copy: Digest | null }>
}

/** An rpm with the copy that was chosen for a repository. */
export interface ChosenRpm extends RpmFacts {
  /** null for the primary copy. */
  readonly sigkey: string | null
  readonly file: Digest
  /** Whether it is of another word length, and here as the counterpart of one of the repository's own. */
  readonly multilib: boolean
}

/** A stable run of the rpm list: the same names are in the same chunk whatever happens to others. One line an rpm. */
export const TaggedChunk: BlobCodec<ReadonlyArray<TaggedRpm>> = rpmLines(
  "tagged-rpms",
  (rpm: TaggedRpm) => [
    ...factFields(rpm),
    rpm.primary,
    rpm.signatures.map(({ copy, sigkey }) => `${sigkey}=${copy ?? ""}`).join(",")
  ],
  (fields, facts): TaggedRpm => ({
    ...facts,
    primary: digestField(fields[factCount]),
    signatures: textField(fields[factCount + 1])
      .split(",")
      .filter((signature) => signature !== "")
      .map((signature) => {
        const [sigkey = "", copy = ""] = signature.split("=")
        return { sigkey, copy: copy === "" ? null : digestField(copy) }
      })
  }),
  buildDifferences
)

/** The same run after signed lookup. */
export const ChosenChunk: BlobCodec<ReadonlyArray<ChosenRpm>> = rpmLines(
  "chosen-rpms",
  (rpm: ChosenRpm) => [...factFields(rpm), rpm.sigkey ?? "-", rpm.file, ...(rpm.multilib ? ["multilib"] : [])],
  (fields, facts) => ({
    ...facts,
    sigkey: fields[factCount] === "-" ? null : textField(fields[factCount]),
    file: digestField(fields[factCount + 1]),
    multilib: fields[factCount + 2] === "multilib"
  }),
  rpmDifferences
)

/** The path, relative to the topdir, of the copy signed with a key, or of the primary copy. */
export const copyPath = (rpm: RpmFacts, sigkey: string | null): string => {
  const place: BuildPlace = { volume: null, ...rpm.build }
  // names in a snapshot were checked when the rpm was imported
  return Either.getOrThrow(sigkey === null ? primaryRpm(place, rpm) : signedRpm(place, rpm, sigkey))
}

/** N-V-R of the build. */
export const buildNvr = ({ build }: RpmFacts): string => `${build.name}-${build.version}-${build.release}`

/** What an rpm's place in a list follows from. */
export interface RpmPlace extends RpmName {
  readonly build: { readonly name: string; readonly version: string; readonly release: string }
}

/** Bytewise, these are in the published order: file name, then the directory of the build. */
export const publishedKey = (rpm: RpmPlace): string =>
  `${fileName(rpm)}\0${rpm.build.name}/${rpm.build.version}/${rpm.build.release}`

/** Sorts into the published order. */
export const inPublishedOrder = <Rpm extends RpmPlace>(rpms: ReadonlyArray<Rpm>): ReadonlyArray<Rpm> => {
  const keyed = rpms.map((rpm) => ({ rpm, key: publishedKey(rpm) }))
  const plain = keyed.every(({ key }) => !beyondBmp.test(key))
  return keyed
    .sort((a, b) => (plain ? compareCodeUnits(a.key, b.key) : compareBytes(a.key, b.key)))
    .map(({ rpm }) => rpm)
}

/** Compares as UTF-8 bytes, which is how code units compare but for those of characters beyond U+FFFF. */
export const compareBytes = (a: string, b: string): number =>
  beyondBmp.test(a) || beyondBmp.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : compareCodeUnits(a, b)

const compareCodeUnits = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

const beyondBmp = /[\ud800-\udfff]/

const factCount = 12

const factFields = (rpm: RpmFacts): ReadonlyArray<string | number> => [
  rpm.name,
  rpm.version,
  rpm.release,
  rpm.arch,
  rpm.epoch ?? "",
  rpm.id,
  rpm.buildId,
  rpm.build.name,
  rpm.build.version,
  rpm.build.release,
  rpm.payloadhash,
  `${rpm.size} ${rpm.buildtime}`
]

const factsOf = (fields: ReadonlyArray<string>): RpmFacts => {
  const [size = "", buildtime = ""] = textField(fields[11]).split(" ")
  return {
    name: textField(fields[0]),
    version: textField(fields[1]),
    release: textField(fields[2]),
    arch: textField(fields[3]),
    epoch: fields[4] === "" ? null : Number(fields[4]),
    id: Number(fields[5]),
    buildId: Number(fields[6]),
    build: { name: textField(fields[7]), version: textField(fields[8]), release: textField(fields[9]) },
    payloadhash: textField(fields[10]),
    size: Number(size),
    buildtime: Number(buildtime)
  }
}

const textField = (field: string | undefined): string => {
  if (field === undefined) throw new TypeError("a line of an rpm list ends early")
  return field
}

const digestField = (field: string | undefined): Digest => {
  if (!isDigest(field)) throw new TypeError(`not a digest in an rpm list: ${field}`)
  return field
}

/** A function declaration, so that the codecs above may stand first. */
function rpmLines<A extends RpmFacts>(
  name: string,
  fieldsOf: (rpm: A) => ReadonlyArray<string | number>,
  rpmOf: (fields: ReadonlyArray<string>, facts: RpmFacts) => A,
  differences: (before: ReadonlyArray<A>, after: ReadonlyArray<A>) => ReadonlyArray<Difference>
): BlobCodec<ReadonlyArray<A>> {
  return lines({
    name,
    differences: (before, after) => Effect.sync(() => differences(before, after)),
    lineOf: (rpm: A) => fieldsOf(rpm).join("\t"),
    rowOf: (line) => {
      const fields = line.split("\t")
      return rpmOf(fields, factsOf(fields))
    }
  })
}
