import { Effect, Schema } from "effect"
import { DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { fileName, nvra } from "../src/rpm/nevra.ts"
import { chunkList, DerivedChunk, mapChunks, writeDerivedChunk } from "./chunk-list.ts"
import {
  buildNvr,
  ChosenChunk,
  type ChosenRpm,
  copyPath,
  rpmDifferences,
  TaggedChunk,
  type TaggedRpm
} from "./rpm-row.ts"
import { Snapshot, SnapshotDigest } from "./snapshot.ts"

/** What to do with an rpm that none of the wanted keys has signed: fail, take its primary copy, or leave it out. */
export const MissingSignatures = Schema.Literal("fail", "allow", "skip")
export type MissingSignatures = typeof MissingSignatures.Type

const Lookup = {
  /** Lower case, in order of preference. */
  keys: Schema.Array(Schema.String),
  missingSignatures: MissingSignatures,
  /** Only rpms of these arches are looked at. */
  rpmArches: Schema.Array(Schema.String)
}

const Unsigned = Schema.Struct({ nvra: Schema.String, available: Schema.Array(Schema.String) })
const MissingFile = Schema.Struct({ nvra: Schema.String, sigkey: Schema.String, path: Schema.String })
const SameFileName = Schema.Struct({ fileName: Schema.String, builds: Schema.Array(Schema.String) })

/** Nothing can be exported as asked. Names every rpm of every wanted arch that stands in the way. */
export class UnusableContent extends Schema.TaggedError<UnusableContent>()("UnusableContent", {
  keys: Schema.Array(Schema.String),
  unsigned: Schema.Array(Unsigned),
  missingFiles: Schema.Array(MissingFile),
  sameFileNames: Schema.Array(SameFileName)
}) {
  override get message(): string {
    const { keys, missingFiles, sameFileNames, unsigned } = this
    const parts: Array<string> = []
    if (missingFiles.length > 0) {
      parts.push(
        `${count(missingFiles.length, "signed copy is", "signed copies are")} not written; write them with write-signed-rpm:`,
        ...missingFiles.map(({ path }) => `  ${path}`)
      )
    }
    if (unsigned.length > 0) {
      parts.push(
        `${count(unsigned.length, "rpm is", "rpms are")} not signed with ${keys.join(" nor ")}; import signatures, or use --allow-missing-signatures or --skip-missing-signatures:`,
        ...unsigned.map(({ available, nvra }) => `  ${nvra}: ${keyWords(available)}`)
      )
    }
    if (sameFileNames.length > 0) {
      parts.push(
        `${count(sameFileNames.length, "file name is", "file names are")} in two builds; untag one of the builds:`,
        ...sameFileNames.map(({ builds, fileName }) => `  ${fileName}: ${builds.join(" and ")}`)
      )
    }
    return parts.join("\n")
  }
}

/** The chosen rpms, as {@link SignedLookup} and the arch sets list them. */
export const ChosenList = chunkList(ChosenChunk, rpmDifferences)
export const ChosenListDigest = DigestOf(ChosenList)

/**
 * Picks each rpm's copy: of the wanted keys that signed it, the first in the order asked for. A plan, as it reads only the list, so
 * that a dry run finds missing signatures too.
 */
const SignedLookupChunk = plan("signed-lookup-chunk", {
  version: 2,
  needs: [],
  input: Schema.Struct({ chunk: DigestOf(TaggedChunk), first: Schema.String, ...Lookup }),
  output: Schema.Struct({
    chosen: DerivedChunk(ChosenChunk),
    unsigned: Schema.Array(Unsigned),
    missingFiles: Schema.Array(MissingFile),
    sameFileNames: Schema.Array(SameFileName)
  }),
  label: ({ first }) => first,
  run: ({ chunk, keys, missingSignatures, rpmArches }) =>
    Effect.gen(function* () {
      const wanted = (yield* readBlob(TaggedChunk, chunk)).filter(({ arch }) => rpmArches.includes(arch))
      const choices = wanted.map((rpm) => choose(rpm, keys))
      const rpms = choices.flatMap(({ choice }) =>
        choice.sigkey === null && missingSignatures === "skip"
          ? []
          : choice.file === null
            ? []
            : [{ ...choice, file: choice.file }]
      )
      return {
        chosen: yield* writeDerivedChunk(ChosenChunk, rpms),
        unsigned: keys.length === 0 ? [] : choices.flatMap(({ unsigned }) => unsigned),
        missingFiles: choices.flatMap(({ missingFile }) => missingFile),
        sameFileNames: sameFileNames(rpms)
      }
    })
})

/**
 * Signed lookup: from a tag's content to one chosen copy of each rpm of the wanted arches. Everything that is missing is found here,
 * before any other work, and told in one error.
 */
export const SignedLookup = plan("signed-lookup", {
  version: 1,
  needs: [SignedLookupChunk],
  input: Schema.Struct({ snapshot: SnapshotDigest, ...Lookup }),
  output: Schema.Struct({ chosen: ChosenListDigest, unsigned: Schema.Array(Unsigned) }),
  label: () => "",
  run: ({ snapshot, ...lookup }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(Snapshot, snapshot)
      const chunks = yield* needAll(
        SignedLookupChunk,
        list.map(({ chunk, first }) => ({ chunk, first, ...lookup }))
      )
      const unsigned = chunks.flatMap((chunk) => chunk.unsigned)
      const problems = {
        unsigned: lookup.missingSignatures === "fail" ? unsigned : [],
        missingFiles: chunks.flatMap((chunk) => chunk.missingFiles),
        sameFileNames: chunks.flatMap((chunk) => chunk.sameFileNames)
      }
      if (Object.values(problems).some((found) => found.length > 0)) {
        return yield* new UnusableContent({ keys: lookup.keys, ...problems })
      }
      return {
        chosen: yield* writeBlob(
          ChosenList,
          mapChunks(
            list,
            chunks.map(({ chosen }) => chosen)
          )
        ),
        unsigned
      }
    })
})

interface Choice {
  readonly choice: Omit<ChosenRpm, "file"> & { readonly file: ChosenRpm["file"] | null }
  readonly unsigned: ReadonlyArray<typeof Unsigned.Type>
  readonly missingFile: ReadonlyArray<typeof MissingFile.Type>
}

const choose = ({ primary, signatures, ...rpm }: TaggedRpm, keys: ReadonlyArray<string>): Choice => {
  // "" is the header of an unsigned file, of which there is no signed copy
  const sigkey = keys.find((key) => key !== "" && signatures.some((signature) => signature.sigkey === key))
  if (sigkey === undefined) {
    const available = signatures.map((signature) => signature.sigkey)
    return {
      choice: { ...rpm, sigkey: null, file: primary, multilib: false },
      unsigned: [{ nvra: nvra(rpm), available }],
      missingFile: []
    }
  }
  const copy = signatures.find((signature) => signature.sigkey === sigkey)?.copy ?? null
  const missingFile = copy === null ? [{ nvra: nvra(rpm), sigkey, path: copyPath(rpm, sigkey) }] : []
  return { choice: { ...rpm, sigkey, file: copy, multilib: false }, unsigned: [], missingFile }
}

/** Rows of one file name are neighbours, and never in two chunks: they have one name. */
const sameFileNames = (rpms: ReadonlyArray<ChosenRpm>): ReadonlyArray<typeof SameFileName.Type> =>
  [...Map.groupBy(rpms, (rpm) => fileName(rpm))]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => ({ fileName: name, builds: same.map(buildNvr) }))

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

const keyWords = (keys: ReadonlyArray<string>): string =>
  keys.length === 0 ? "no signatures" : keys.map((key) => (key === "" ? "unsigned" : key)).join(", ")
