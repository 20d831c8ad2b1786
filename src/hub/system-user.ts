import { userInfo } from "node:os"

/** The name of the operating system's user. */
export const systemUser = (): string => {
  // a user id without an entry in the user database is an error there, and usual in containers
  try {
    return userInfo().username
  } catch {
    return process.env["USER"] ?? `user ${process.getuid?.() ?? "unknown"}`
  }
}
