import { gunzipSync } from "node:zlib"
import { Bytes, type DigestOf } from "../../graph/index.ts"
import { Directory } from "../../rules/directory.ts"
import { Rope } from "../../rules/rope.ts"
import type { engineKit } from "../kit/engine-kit.ts"

type Kit = ReturnType<typeof engineKit>

/** The text of a file below a folder, uncompressed; names without the checksum before them. */
export const textOf = (kit: Kit, root: DigestOf<Directory>, ...path: ReadonlyArray<string>): string => {
  const [name, ...rest] = path
  const entry = kit.read(Directory, root).entries.find((other) => plainName(other.name) === name)
  if (entry?.type === "directory") return textOf(kit, entry.content, ...rest)
  if (entry?.type === "file") return Buffer.from(kit.read(Bytes, entry.content)).toString()
  if (entry?.type !== "rope") throw new Error(`${name} is ${entry?.type}`)
  const bytes = ropeOf(kit, entry.content)
  return (name?.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()
}

/** The bytes of a rope. */
export const ropeOf = (kit: Kit, rope: DigestOf<ReadonlyArray<DigestOf<Uint8Array>>>): Buffer =>
  Buffer.concat(kit.read(Rope, rope).map((part) => kit.read(Bytes, part)))

/** The names in a folder, with the types of what is no file. */
export const namesIn = (kit: Kit, root: DigestOf<Directory>, ...path: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [name, ...rest] = path
  const { entries } = kit.read(Directory, root)
  if (name === undefined) {
    return entries.map((entry) => (entry.type === "topdir" ? `${entry.name} -> topdir` : plainName(entry.name)))
  }
  const entry = entries.find((other) => other.name === name)
  if (entry?.type !== "directory") throw new Error(`${name} is no directory`)
  return namesIn(kit, entry.content, ...rest)
}

const plainName = (name: string): string => name.replace(/^[0-9a-f]{64}-/, "")
