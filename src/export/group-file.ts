import { resolve } from "node:path"
import { Data, Effect, Either } from "effect"
import type { Compression } from "../../rules/index.ts"
import { readXml } from "../repodata/xml-reader.ts"
import { readUnpacked, type UnpackedFile } from "./unpacked-file.ts"

/** The groups cannot be taken into a repository. */
export class BadGroupFile extends Data.TaggedError("BadGroupFile")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `the group file ${this.path} cannot be used: ${this.reason}`
  }
}

/** Reads a comps file, plain or compressed with gzip or zstd, relative to a directory. It is taken as it is, but must be XML. */
export const readGroupFile = (directory: string, file: string): Effect.Effect<UnpackedFile, BadGroupFile> =>
  Effect.gen(function* () {
    const path = resolve(directory, file)
    const bad = (reason: string) => new BadGroupFile({ path, reason })
    const groups = yield* Effect.mapError(readUnpacked(path), bad)
    const read = readXml(groups.content, {})
    return Either.isLeft(read) ? yield* bad(`it is not well-formed XML: ${read.left.reason}`) : groups
  })

/**
 * How groups are published beside metadata of a compression, by their types in repomd.xml (null: as they are). Clients of gz may know
 * only createrepo_c before 1.0, which has both records; where they know zstd one is enough.
 */
export const groupRecords = (
  compression: Compression
): ReadonlyArray<{ readonly type: string; readonly compression: Compression | null }> =>
  compression === "gz"
    ? [
        { type: "group", compression: null },
        { type: "group_gz", compression }
      ]
    : [{ type: "group", compression }]
