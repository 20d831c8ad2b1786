import { type File, FileSystem, FileTypeId } from "@effect/platform/FileSystem"
import { layer } from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer } from "effect"

/** The real file system, but its opened files have some parts of their own: slow, failing, or giving little at a time. */
export const changedFiles = (change: (file: File) => Partial<File>): Layer.Layer<FileSystem> =>
  Layer.effect(
    FileSystem,
    Effect.map(FileSystem, (real) => ({
      ...real,
      open: (path, options) => Effect.map(real.open(path, options), (file) => ({ ...partsOf(file), ...change(file) }))
    }))
  ).pipe(Layer.provide(layer))

const partsOf = (file: File): File => ({
  [FileTypeId]: FileTypeId,
  fd: file.fd,
  stat: file.stat,
  sync: file.sync,
  seek: (offset, from) => file.seek(offset, from),
  read: (buffer) => file.read(buffer),
  readAlloc: (size) => file.readAlloc(size),
  truncate: (length) => file.truncate(length),
  write: (buffer) => file.write(buffer),
  writeAll: (buffer) => file.writeAll(buffer)
})
