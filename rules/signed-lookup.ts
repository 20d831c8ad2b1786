import { Effect, Schema } from "effect"
import { DigestOf, needAll, plan, readBlob, writeBlob } from "../graph/index.ts"
import { nvra } from "../src/rpm/nevra.ts"
import { readChunkLines, writeDerivedLines } from "./chunk-lines.ts"
import { chunkList, DerivedChunk, mapChunks } from "./chunk-list.ts"
import { rpmDifferences } from "./rpm-differences.ts"
import { archIn, buildIn, chosenLine, copiesIn, fileNameIn, taggedRow } from "./rpm-line.ts"
import { ChosenChunk, copyPath, TaggedChunk } from "./rpm-row.ts"
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
      const rpms: Array<string> = []
      const unsigned: Array<typeof Unsigned.Type> = []
      const missingFiles: Array<typeof MissingFile.Type> = []
      for (const line of yield* readChunkLines(chunk)) {
        if (!rpmArches.includes(archIn(line))) continue
        const choice = choose(line, keys)
        const { available, sigkey } = choice
        if (sigkey === null && keys.length > 0) unsigned.push({ nvra: nvra(taggedRow(line)), available })
        if (choice.file === null) {
          const rpm = taggedRow(line)
          missingFiles.push({ nvra: nvra(rpm), sigkey: choice.sigkey, path: copyPath(rpm, choice.sigkey) })
        } else if (sigkey !== null || missingSignatures !== "skip") {
          rpms.push(chosenLine(line, sigkey, choice.file))
        }
      }
      return {
        chosen: yield* writeDerivedLines(ChosenChunk, rpms),
        unsigned,
        missingFiles,
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

/** The copy to be taken, or that of a key which was not written. A null key stands for the primary copy. */
type Choice =
  | { readonly sigkey: string | null; readonly file: string; readonly available: ReadonlyArray<string> }
  | { readonly sigkey: string; readonly file: null; readonly available: ReadonlyArray<string> }

/** With the keys that the rpm is signed with. */
const choose = (line: string, keys: ReadonlyArray<string>): Choice => {
  const { primary, signed } = copiesIn(line)
  const available = [...signed.keys()]
  // "" is the header of an unsigned file, of which there is no signed copy
  const sigkey = keys.find((key) => key !== "" && signed.has(key))
  if (sigkey === undefined) return { sigkey: null, file: primary, available }
  return { sigkey, file: signed.get(sigkey) ?? null, available }
}

/** Rows of one file name are neighbours, and never in two chunks: they have one name. */
const sameFileNames = (lines: ReadonlyArray<string>): ReadonlyArray<typeof SameFileName.Type> => {
  const names = lines.map(fileNameIn)
  if (new Set(names).size === names.length) return []
  return [...Map.groupBy(lines, fileNameIn)]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => ({ fileName: name, builds: same.map(buildIn) }))
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

const keyWords = (keys: ReadonlyArray<string>): string =>
  keys.length === 0 ? "no signatures" : keys.map((key) => (key === "" ? "unsigned" : key)).join(", ")
