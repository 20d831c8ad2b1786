import type { PlatformError } from "@effect/platform/Error"

/** Why an operation on a file failed, in the operating system's words, which name the file: "ENOENT: no such file …". */
export const fileFailure = (error: PlatformError): string =>
  error.cause instanceof Error ? error.cause.message : error.message
