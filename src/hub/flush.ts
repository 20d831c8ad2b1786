import { closeSync, fsyncSync, openSync } from "node:fs"

/** Flushes a file, or a directory's own entries. */
export const flush = (path: string): void => {
  const handle = openSync(path, "r")
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
