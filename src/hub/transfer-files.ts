import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { flush } from "./flush.ts"

// Plain calls, which throw: they are made within transactions.

/**
 * Gives a folder all that another has and it lacks, or has in another version: by size and time, as copies keep these. Files are
 * linked where both are on one file system, and copied where not. All is flushed. Yields after each file, so that others may be heard.
 */
export function* bringUpToDate(source: string, target: string): Generator<void, void> {
  mkdirSync(target, { recursive: true })
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) yield* bringUpToDate(from, to)
    else if (!isSame(lstatSync(from), lstatSync(to, { throwIfNoEntry: false }))) {
      if (entry.isSymbolicLink()) replaceBy(to, (aside) => symlinkSync(readlinkSync(from), aside))
      else replaceBy(to, (aside) => linkOrCopy(from, aside))
      yield
    }
  }
  flush(target)
}

/** Moves a file over what is in its place, also from another file system. */
export const moveFile = (from: string, to: string): void => {
  try {
    renameSync(from, to)
  } catch (cause) {
    if (codeOf(cause) !== "EXDEV") throw cause
    replaceBy(to, (aside) => copy(from, aside))
    rmSync(from)
  }
}

const isSame = (one: Stats, other: Stats | undefined): boolean =>
  other !== undefined &&
  ((one.ino === other.ino && one.dev === other.dev) ||
    // a time that was set has lost a part of a microsecond
    (one.size === other.size && Math.abs(one.mtimeMs - other.mtimeMs) < 0.01 && one.mode === other.mode))

const replaceBy = (to: string, make: (aside: string) => void): void => {
  const aside = join(dirname(to), `.${basename(to)}.tmp`)
  rmSync(aside, { force: true })
  make(aside)
  renameSync(aside, to)
}

const linkOrCopy = (from: string, to: string): void => {
  try {
    linkSync(from, to)
  } catch (cause) {
    // another file system, as many links as a file may have, a file that the kernel lets only its owner link
    if (!["EXDEV", "EMLINK", "EPERM"].includes(String(codeOf(cause)))) throw cause
    copy(from, to)
  }
}

/** With mode and times. */
const copy = (from: string, to: string): void => {
  copyFileSync(from, to)
  const { atimeMs, mtimeMs } = lstatSync(from)
  utimesSync(to, atimeMs / 1000, mtimeMs / 1000)
  flush(to)
}

const codeOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)
