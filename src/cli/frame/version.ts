import { readFileSync } from "node:fs"
import { join } from "node:path"

/** Set where the program is bundled. */
declare const DISTGRAPH_VERSION: string | undefined

/** The version of this program, as package.json has it. */
export const version = (): string =>
  typeof DISTGRAPH_VERSION === "string"
    ? DISTGRAPH_VERSION
    : JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8")).version
