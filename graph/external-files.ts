import { createHash } from "node:crypto"
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs"
import { getSystemErrorMessage } from "node:util"
import { Context, Data, Effect, type Schema, type SchemaAST } from "effect"
import { Digest, hashOf, sizeOf } from "./digest.ts"
import { accident } from "./failure.ts"

const ExternalFileAnnotation = Symbol.for("graph/ExternalFile")

/** The schema of a field that names an external file, so that whoever runs an action elsewhere can tell it where the file is. */
export const ExternalFile: Schema.Schema<Digest, string> = Digest.annotations({
  [ExternalFileAnnotation]: true,
  identifier: "ExternalFile"
})

/** Whether a field's schema is {@link ExternalFile}. */
export const isExternalFile = (ast: SchemaAST.AST): boolean => ast.annotations[ExternalFileAnnotation] === true

/** A file that is open for reading, for as long as its user runs. */
export interface OpenFile {
  /** Absolute, for messages. */
  readonly path: string
  /** In bytes: that of the digest, too. */
  readonly size: number
  /** Fills all of `into` with the bytes from `position` on. What it throws where that fails is the engine's: let it pass. */
  readonly read: (into: Uint8Array, position: number) => void
}

/**
 * Files that lie outside the store and are known by digest (the source has vouched for them before the graph starts), such as
 * packages of some MiB that nobody wants to copy. Only actions read them; paths never enter an input. A file that cannot be read,
 * or whose size is not the digest's, is an accident, and so is a digest that the source did not name.
 */
export class ExternalFiles extends Context.Tag("graph/ExternalFiles")<
  ExternalFiles,
  {
    /** The absolute paths of files, in their order: to tell another thread, which opens them, and for messages. */
    readonly paths: (digests: ReadonlyArray<Digest>) => Effect.Effect<ReadonlyArray<string>>
    /** Opens the file, uses it without a pause, closes it. */
    readonly withFile: <A>(digest: Digest, use: (file: OpenFile) => A) => Effect.Effect<A>
    /** Reads the whole file: whether its bytes are still those of its digest. */
    readonly isIntact: (digest: Digest) => Effect.Effect<boolean>
    /** Words what is wrong with a file, also where another thread found it. */
    readonly describe: (problem: FileProblem) => string
  }
>() {}

/** What is wrong with an external file. */
export type FileProblem = Data.TaggedEnum<{
  Missing: { readonly path: string }
  /** Sizes in bytes. */
  OtherSize: { readonly path: string; readonly size: number; readonly recorded: number }
  /** For example a permission that is denied, or a bad disk. */
  Unreadable: { readonly path: string; readonly reason: string }
}>
export const FileProblem = Data.taggedEnum<FileProblem>()

/** One sentence for people, to which whoever knows the files may add what to do. */
export const describeFileProblem: (problem: FileProblem) => string = FileProblem.$match({
  Missing: ({ path }) => `${path} is missing`,
  OtherSize: ({ path, recorded, size }) => `${path} has ${size} bytes where ${recorded} were recorded`,
  Unreadable: ({ path, reason }) => `${path} cannot be read: ${reason}`
})

/** External files of this machine. `paths` finds them by their digests; `describe` words the accident where one cannot be read. */
export const externalFiles = (
  paths: (digests: ReadonlyArray<Digest>) => Effect.Effect<ReadonlyArray<string>>,
  describe: (problem: FileProblem) => string = describeFileProblem
): Context.Tag.Service<ExternalFiles> => {
  const pathOf = (digest: Digest): Effect.Effect<string> =>
    Effect.flatMap(paths([digest]), ([path]) =>
      path === undefined ? accident(`the source says nothing of the file ${digest}`) : Effect.succeed(path)
    )
  return {
    paths,
    describe,
    withFile: (digest, use) =>
      Effect.flatMap(pathOf(digest), (found) =>
        Effect.catchAll(
          Effect.try({ try: () => using(found, sizeOf(digest), use), catch: (thrown) => thrown }),
          (thrown) => (thrown instanceof ProblemThrown ? accident(describe(thrown.problem)) : Effect.die(thrown))
        )
      ),
    isIntact: (digest) =>
      Effect.flatMap(pathOf(digest), (found) =>
        Effect.tryPromise({ try: () => sha256Of(found), catch: (cause) => describe(problemOf(found, cause)) }).pipe(
          Effect.map((sum) => sum === hashOf(digest)),
          Effect.catchAll(accident)
        )
      )
  }
}

/** Carries a problem through the code that uses the file, and tells it from what that code throws itself. */
class ProblemThrown extends Error {
  readonly problem: FileProblem
  constructor(problem: FileProblem) {
    super(describeFileProblem(problem))
    this.problem = problem
  }
}

const using = <A>(path: string, recorded: number, use: (file: OpenFile) => A): A => {
  const file = calling(path, () => openSync(path, "r"))
  try {
    const { size } = calling(path, () => fstatSync(file))
    if (size !== recorded) throw new ProblemThrown(FileProblem.OtherSize({ path, size, recorded }))
    return use({ path, size, read: (into, position) => fill(path, file, into, position) })
  } finally {
    closeSync(file)
  }
}

const fill = (path: string, file: number, into: Uint8Array, position: number): void => {
  for (let filled = 0; filled < into.length; ) {
    const read = calling(path, () => readSync(file, into, filled, into.length - filled, position + filled))
    if (read === 0) throw new ProblemThrown(FileProblem.Unreadable({ path, reason: "it is shorter than it was" }))
    filled += read
  }
}

const calling = <A>(path: string, call: () => A): A => {
  try {
    return call()
  } catch (cause) {
    throw new ProblemThrown(problemOf(path, cause))
  }
}

/** Node's own messages name the call and, once more, the path. */
const problemOf = (path: string, cause: unknown): FileProblem => {
  if (!(cause instanceof Error)) return FileProblem.Unreadable({ path, reason: String(cause) })
  if ("code" in cause && cause.code === "ENOENT") return FileProblem.Missing({ path })
  const reason = "errno" in cause ? getSystemErrorMessage(Number(cause.errno)) : cause.message
  return FileProblem.Unreadable({ path, reason })
}

const sha256Of = async (path: string): Promise<string> => {
  const sum = createHash("sha256")
  for await (const part of createReadStream(path)) sum.update(part)
  return sum.digest("hex")
}
