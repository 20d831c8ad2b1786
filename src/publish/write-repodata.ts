import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { type Blobs, type DigestOf, readBlob, sizeOf } from "../../graph/index.ts"
import { Rope } from "../../rules/index.ts"
import { flush } from "../hub/flush.ts"
import type { ListedDrpm } from "../repodata/read-prestodelta.ts"
import { type Drpm, drpmsFolder, missingDrpms, placeDrpms, removeDrpms, strayDrpms } from "./drpms.ts"
import { todoFile } from "./repodata-lock.ts"
import { outdated, type Retention } from "./retention.ts"
import { writeFiles } from "./write-file.ts"
import { type UnwritableTree, writing } from "./writing.ts"

/** A file of `repodata/`. */
interface RepodataFile {
  readonly name: string
  readonly content: DigestOf<ReadonlyArray<DigestOf<Uint8Array>>>
  /** Its modification time, in Unix seconds. */
  readonly time: number
}

export interface Repodata {
  readonly files: ReadonlyArray<RepodataFile>
  readonly repomd: Uint8Array
  /** Files that are there already and stay listed. */
  readonly kept: ReadonlySet<string>
  /** Files that the repomd.xml which is replaced lists. */
  readonly listedBefore: ReadonlySet<string>
  readonly retention: Retention
  readonly drpms: {
    readonly files: ReadonlyArray<Drpm>
    /** Those that are there already, and stay listed, by their names. */
    readonly kept: ReadonlySet<string>
    /** Those that the repository which is replaced lists. */
    readonly listedBefore: ReadonlyArray<ListedDrpm>
  }
}

/**
 * Puts a repository's metadata into `<directory>/repodata`, and its delta rpms into `<directory>/drpms`. New files are written in `aside`, flushed and moved into place; then
 * repomd.xml takes the place of the old one, the one moment at which the repository becomes another; then what is outdated goes.
 * Killed at any moment, the old repository or the new one is complete. Names without a checksum in them are the exception (those of delta
 * rpms, too, whose content seldom changes): their old contents go a moment before the old repomd.xml. To be called under the directory's lock. `now` is in milliseconds.
 */
export const writeRepodata = (
  directory: string,
  aside: string,
  { drpms, files, kept, listedBefore, repomd, retention }: Repodata,
  now: number
): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.gen(function* () {
    const folder = join(directory, "repodata")
    const isNew = !existsSync(folder)
    yield* writing(folder, () => mkdirSync(folder, { recursive: true }))
    const missing: Array<RepodataFile> = []
    for (const file of files) {
      const size = yield* sizeOfRope(file.content)
      if (isThere(join(folder, file.name), file, size)) continue
      missing.push(file)
    }
    const newDrpms = yield* writing(directory, () => missingDrpms(directory, drpms.files, drpms.listedBefore))
    yield* writeAside(aside, missing)
    yield* writeDrpmsAside(aside, newDrpms)
    const gone = yield* writing(folder, () => {
      const names = new Set([...files.map(({ name }) => name), ...kept, "repomd.xml"])
      const old = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && !names.has(entry.name))
        .map(({ name }) => ({ name, mtime: statSync(join(folder, name)).mtimeMs, listed: listedBefore.has(name) }))
      return outdated(old, retention, now)
    })
    const listedDrpms = new Set([...drpms.files.map(({ name }) => name), ...drpms.kept])
    const goneDrpms = drpms.listedBefore.map(({ name }) => name).filter((name) => !listedDrpms.has(name))
    const placed = newDrpms.map(({ name }) => name)
    yield* writing(folder, () => {
      // read by whoever takes the lock over: of these, what is not listed then goes
      const touched = [...goneDrpms, ...placed].map((name) => `${drpmsFolder}/${name}`)
      writeFileSync(join(aside, todoFile), [...gone, ...missing.map(({ name }) => name), ...touched].join("\n"))
    })
    yield* writing(join(directory, drpmsFolder), () => placeDrpms(directory, aside, placed))
    yield* writing(folder, () => {
      for (const { name } of missing) renameSync(join(aside, name), join(folder, name))
      const index = join(aside, "repomd.xml")
      writeFileSync(index, repomd)
      flush(index)
      // whoever reads the new index must find its files, also after a power cut
      flush(folder)
      if (isNew) flush(directory)
      renameSync(index, join(folder, "repomd.xml"))
      flush(folder)
      removeFiles(folder, gone)
      removeDrpms(directory, goneDrpms)
    })
  })

/**
 * Removes the files that a killed process had put into place or had come to outdate. `listed` are those of `repodata` that must stay,
 * `listedDrpms` the delta rpms that must if they are what is listed.
 */
export const removeUndone = (
  directory: string,
  undone: string,
  listed: ReadonlySet<string>,
  listedDrpms: ReadonlyArray<ListedDrpm>
): Effect.Effect<void, UnwritableTree> => {
  const folder = join(directory, "repodata")
  const paths = undone.split("\n").map((path) => path.split("/"))
  const names = paths.flatMap(([name = "", ...more]) => (more.length === 0 && name !== "" ? [name] : []))
  const drpms = paths.flatMap(([at, name = "", ...more]) =>
    at === drpmsFolder && more.length === 0 && name.endsWith(".drpm") ? [name] : []
  )
  return writing(folder, () => {
    removeFiles(
      folder,
      names.filter((name) => name !== "repomd.xml" && !listed.has(name))
    )
    removeDrpms(directory, strayDrpms(directory, drpms, listedDrpms))
  })
}

const removeFiles = (folder: string, names: ReadonlyArray<string>): void => {
  for (const name of names) rmSync(join(folder, name), { force: true })
}

/** The repomd.xml of a directory, if there is one. */
export const readRepomdFile = (directory: string): Effect.Effect<Uint8Array | undefined, UnwritableTree> => {
  const path = join(directory, "repodata", "repomd.xml")
  return writing(path, () => (existsSync(path) ? readFileSync(path) : undefined))
}

const sizeOfRope = (content: RepodataFile["content"]): Effect.Effect<number, never, Blobs> =>
  Effect.map(readBlob(Rope, content), (parts) => parts.reduce((sum, part) => sum + sizeOf(part), 0))

/** A name with a checksum in it stands for one content, and is only ever given to a whole file. */
const isThere = (path: string, { name, time }: RepodataFile, size: number): boolean => {
  const stat = statSync(path, { throwIfNoEntry: false })
  return (
    checksumName.test(name) && stat?.isFile() === true && stat.size === size && Math.floor(stat.mtimeMs / 1000) === time
  )
}

const checksumName = /^[0-9a-f]{32,128}-/

/** Their times are set last: writing would change them. */
const writeAside = (aside: string, files: ReadonlyArray<RepodataFile>): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.gen(function* () {
    const group = yield* Effect.forEach(files, ({ content, name }) =>
      Effect.map(readBlob(Rope, content), (parts) => ({ at: join(aside, name), parts }))
    )
    yield* writeFiles([group])
    for (const { name, time } of files) {
      const path = join(aside, name)
      yield* writing(path, () => utimesSync(path, time, time))
    }
  })

const writeDrpmsAside = (aside: string, drpms: ReadonlyArray<Drpm>): Effect.Effect<void, UnwritableTree, Blobs> =>
  Effect.gen(function* () {
    if (drpms.length === 0) return
    const folder = join(aside, drpmsFolder)
    yield* writing(folder, () => mkdirSync(folder))
    yield* writeFiles(drpms.map(({ content, name }) => [{ at: join(folder, name), parts: [content] }]))
  })
