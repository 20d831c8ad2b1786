import type { PlatformError } from "@effect/platform/Error"

/** Why an operation on a file failed, in the operating system's words, which name the file: "ENOENT: no such file …". */
export const fileFailure = (error: PlatformError): string =>
  error.cause instanceof Error ? error.cause.message : error.message

/** The same in words to stand beside the file's name: "no such file". */
export const fileProblem = (error: PlatformError): string =>
  error._tag === "SystemError" && error.reason === "NotFound"
    ? "no such file"
    : fileFailure(error)
        .replace(/^E[A-Z0-9]+: /, "")
        .replace(/, [a-z]+( '.*')?$/s, "")
