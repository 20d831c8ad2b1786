import { EngineFault, RunFailed } from "../../graph/index.ts"

/** Something that the store had, or a result in it named, is gone: worth one more try. */
export const missedBlob = (error: { readonly _tag: string }): boolean =>
  error._tag === "BlobMissing" ||
  (error instanceof RunFailed &&
    error.failures.some((failure) => failure.error instanceof EngineFault && failure.error.failure._tag === "BlobLost"))
