import { readFile } from "node:fs/promises"
import type { Plugin } from "esbuild"

/**
 * Makes `import { Effect, pipe } from "effect"` import the modules behind these names. `effect` itself is one file that names all
 * modules; a bundle in several files would have what any command needs of Effect in one of them, which every command then loads.
 */
export const directImports: Plugin = {
  name: "direct-imports",
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) =>
      path.includes("/node_modules/")
        ? undefined
        : { contents: withDirectImports(await readFile(path, "utf8")), loader: "ts" }
    )
  }
}

/** The text of a module with its imports from `effect` replaced; every line stays where it is. */
export const withDirectImports = (source: string): string =>
  source.replace(/^import \{([^}]*)\} from "effect"/gm, (statement, list: string) => {
    const names = list.split(",").map((name) => name.trim())
    const values = names.filter((name) => name !== "" && !name.startsWith("type "))
    return values.map(directImport).join("; ") + "\n".repeat(statement.split("\n").length - 1)
  })

/** What begins with a capital is a module, all else one of the functions that `effect` takes from its module Function. */
const directImport = (name: string): string =>
  /^[A-Z]/.test(name) ? `import * as ${name} from "effect/${name}"` : `import { ${name} } from "effect/Function"`
