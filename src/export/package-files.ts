import { existsSync } from "node:fs"
import { type Context, Effect } from "effect"
import { accident, type Digest, describeFileProblem, type ExternalFiles, externalFiles } from "../../graph/index.ts"
import type { Source } from "../source/source.ts"

/** The files of a source's packages, for steps that read them; and others where it has a file no more. */
export const packageFiles = (
  source: Source["Type"],
  others: ReadonlyMap<Digest, string> = new Map()
): Context.Tag.Service<ExternalFiles> =>
  externalFiles(
    (digests) =>
      Effect.matchEffect(source.paths(digests), {
        onFailure: (error) => accident(error.message),
        onSuccess: (paths) =>
          Effect.forEach(digests, (digest, index) => {
            const path = paths[index] ?? null
            const other = others.get(digest)
            if (other !== undefined && (path === null || !existsSync(path))) return Effect.succeed(other)
            return path === null ? accident(`the source knows no file with the digest ${digest}`) : Effect.succeed(path)
          })
      }),
    (problem) =>
      problem._tag === "Unreadable"
        ? describeFileProblem(problem)
        : `${describeFileProblem(problem)}; restore it, or write the signed copy anew with write-signed-rpm --force`
  )
