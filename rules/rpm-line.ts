import { fileName } from "../src/rpm/nevra.ts"
import { buildNvr, ChosenChunk, TaggedChunk, type TaggedRpm } from "./rpm-row.ts"

// Rows of rpm-row.ts as they are stored, a line each: what can be told, and made, without decoding all of them. Both kinds begin with
// the same twelve columns, the facts; a tagged rpm goes on with its primary copy and its signatures, a chosen one with key and copy.

export const nameIn = (line: string): string => line.slice(0, line.indexOf("\t"))

/** The arch of an rpm. */
export const archIn = (line: string): string => line.split("\t", 4)[3] ?? ""

export const buildIdIn = (line: string): number => Number(line.split("\t", 7)[6])

/** The file name of an rpm. */
export const fileNameIn = (line: string): string => {
  const [name = "", version = "", release = "", arch = ""] = line.split("\t", 4)
  return fileName({ name, version, release, arch })
}

/** N-V-R of the build of a chosen rpm. */
export const buildIn = (line: string): string =>
  ChosenChunk.decode(Buffer.from(`${line}\n`))
    .map(buildNvr)
    .join()

/** The whole row of a tagged rpm. */
export const taggedRow = (line: string): TaggedRpm => {
  const [row] = TaggedChunk.decode(Buffer.from(`${line}\n`))
  if (row === undefined) throw new TypeError(`no line of an rpm list: ${line}`)
  return row
}

/** The copies of a tagged rpm, as digests; null is a signed one that was not written. */
interface Copies {
  readonly primary: string
  readonly signed: ReadonlyMap<string, string | null>
}

export const copiesIn = (line: string): Copies => {
  const { primaryAt, signaturesAt } = placesIn(line)
  const signatures = line.slice(signaturesAt)
  return {
    primary: line.slice(primaryAt, signaturesAt - 1),
    signed: signatures === "" ? unsigned : new Map(signatures.split(",").map(signatureOf))
  }
}

/** The line of the copy that was chosen of a tagged rpm; null is the key of the primary one. */
export const chosenLine = (line: string, sigkey: string | null, file: string): string =>
  `${line.slice(0, placesIn(line).primaryAt)}${sigkey ?? "-"}\t${file}`

const placesIn = (line: string) => {
  const signaturesAt = line.lastIndexOf("\t") + 1
  return { signaturesAt, primaryAt: line.lastIndexOf("\t", signaturesAt - 2) + 1 }
}

const unsigned: Copies["signed"] = new Map()

const signatureOf = (text: string): readonly [string, string | null] => {
  const [sigkey = "", copy = ""] = text.split("=")
  return [sigkey, copy === "" ? null : copy]
}
