import { Either } from "effect"
import { type BlobCodec, type Difference, type Digest, isDigest } from "../graph/index.ts"
import { type BuildPlace, primaryRpm, type RpmName, signedRpm } from "../src/koji/topdir.ts"
import { fileName, nvra } from "../src/rpm/nevra.ts"
import { lines } from "./lines.ts"

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
  })
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
  })
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

/** What changed between two sets of rpms, rpm by rpm. */
export const rpmDifferences = (
  before: ReadonlyArray<ChosenRpm>,
  after: ReadonlyArray<ChosenRpm>
): ReadonlyArray<Difference> => {
  const key = (rpm: ChosenRpm) => `${nvra(rpm)}\t${rpm.file}\t${rpm.sigkey ?? ""}\t${buildNvr(rpm)}`
  const kept = new Set(before.map(key))
  const present = new Set(after.map(key))
  const gone = before.filter((rpm) => !present.has(key(rpm)))
  const come = after.filter((rpm) => !kept.has(key(rpm)))
  const goneCopies = new Map(gone.map((rpm) => [nvra(rpm), rpm]))
  const comeCopies = new Set(come.map((rpm) => nvra(rpm)))
  // An upgrade is told only where one version went and one came.
  const goneNames = Map.groupBy(
    gone.filter((rpm) => !comeCopies.has(nvra(rpm))),
    nameArch
  )
  const comeNames = Map.groupBy(
    come.filter((rpm) => !goneCopies.has(nvra(rpm))),
    nameArch
  )
  const replacedBy = (rpm: ChosenRpm): ChosenRpm | undefined => {
    const went = goneNames.get(nameArch(rpm)) ?? []
    return went.length === 1 && comeNames.get(nameArch(rpm))?.length === 1 ? went[0] : undefined
  }
  const replaced = new Set<ChosenRpm>()
  const arrivals = come.map((rpm): Difference => {
    const copy = goneCopies.get(nvra(rpm))
    if (copy !== undefined)
      return { kind: "changed", subject: nvra(rpm), before: copyWords(copy), after: copyWords(rpm) }
    const old = replacedBy(rpm)
    if (old === undefined) return { kind: "added", subject: nvra(rpm), after: nvra(rpm) }
    replaced.add(old)
    return { kind: "replaced", subject: nameArch(rpm), before: nvra(old), after: nvra(rpm) }
  })
  const departures = gone
    .filter((rpm) => !comeCopies.has(nvra(rpm)) && !replaced.has(rpm))
    .map((rpm): Difference => ({ kind: "removed", subject: nvra(rpm), before: nvra(rpm) }))
  return [...arrivals, ...departures]
}

const nameArch = ({ arch, name }: ChosenRpm): string => `${name}.${arch}`

const copyWords = ({ file, sigkey }: ChosenRpm): string =>
  `${sigkey === null ? "primary copy" : `key ${sigkey}`} (${file.slice(0, 8)})`

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
  rpmOf: (fields: ReadonlyArray<string>, facts: RpmFacts) => A
): BlobCodec<ReadonlyArray<A>> {
  return lines({
    name,
    lineOf: (rpm: A) => fieldsOf(rpm).join("\t"),
    rowOf: (line) => {
      const fields = line.split("\t")
      return rpmOf(fields, factsOf(fields))
    }
  })
}
