import { Either } from "effect"
import { type BadXml, readXml } from "./xml-reader.ts"

/** A delta rpm as prestodelta.xml lists it. */
export interface ListedDrpm {
  /** Of the file in `drpms/`. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** In hex. */
  readonly sha256: string
}

/** Reads which files of `drpms/` a prestodelta.xml lists. What lies elsewhere, or has no size or no sha256, is passed over. */
export const readPrestodelta = (bytes: Uint8Array): Either.Either<ReadonlyArray<ListedDrpm>, BadXml> => {
  const listed: Array<ListedDrpm> = []
  const texts = new Map<string, string>()
  let checksumType = ""
  let open = ""
  const reading = readXml(bytes, {
    open: (name, attributes) => {
      open = name
      if (name === "delta") texts.clear()
      if (name === "checksum") checksumType = attributes["type"] ?? ""
      texts.set(name, "")
    },
    text: (text) => void texts.set(open, (texts.get(open) ?? "") + text),
    close: (name) => {
      open = ""
      if (name !== "delta") return
      const [, file] = inDrpms.exec(texts.get("filename") ?? "") ?? []
      const [size = "", sha256 = ""] = [texts.get("size")?.trim(), texts.get("checksum")?.trim()]
      if (file === undefined || checksumType !== "sha256" || !/^\d{1,15}$/.test(size) || !/^[0-9a-f]{64}$/.test(sha256))
        return
      listed.push({ name: file, size: Number(size), sha256 })
    }
  })
  return Either.map(reading, () => listed)
}

/** A file of that very folder, and none that is hidden. */
const inDrpms = /^\s*drpms\/([^/.][^/]*\.drpm)\s*$/
