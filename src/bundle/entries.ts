import { join } from "node:path"

/**
 * The files that a process or a worker thread of this program starts with: the source of each by the name that it has in the
 * bundle. `npm run build` bundles all of them, {@link entryUrl} finds them.
 */
export const entries = {
  distgraph: "src/cli/distgraph.mjs",
  "action-worker": "rules/action-worker.ts",
  "place-worker": "src/publish/place-worker.ts",
  "hash-worker": "src/source/hash-worker.ts"
} as const

/** The extension of bundled files: no package.json beside them has to say that they are modules. */
export const bundledExtension = ".mjs"

/**
 * Where an entry is, for the code at `here` (this very code): in a checkout its source file, in a bundle the file of its name,
 * beside which all bundled code lies.
 */
export const entryUrl = (name: keyof typeof entries, here: string = import.meta.url): URL =>
  new URL(isBundled(here) ? `${name}${bundledExtension}` : `../../${entries[name]}`, here)

/** The directory of this checkout; undefined in a bundle. */
export const checkout = (): string | undefined =>
  isBundled(import.meta.url) ? undefined : join(import.meta.dirname, "../..")

const isBundled = (url: string): boolean => !url.endsWith(".ts")
