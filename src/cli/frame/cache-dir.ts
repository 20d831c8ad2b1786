import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

/**
 * The directory for what a user's programs can make again: `$XDG_CACHE_HOME`, or `~/.cache`.
 * Source: XDG Base Directory Specification, which has relative values ignored.
 */
export const userCacheDir = (env: NodeJS.ProcessEnv): string => {
  const configured = env["XDG_CACHE_HOME"]
  return configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".cache")
}
