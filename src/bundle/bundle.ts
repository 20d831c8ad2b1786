import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { build, type Metafile } from "esbuild"
import { directImports } from "./direct-imports.ts"
import { bundledExtension, entries } from "./entries.ts"
import { licencesOf } from "./licences.ts"

/** What a bundle came to. */
export interface Bundle {
  /** Names of the files in the folder, sorted. */
  readonly files: ReadonlyArray<string>
  /** Which source went into which file, as esbuild tells it. */
  readonly metafile: Metafile
}

/**
 * Bundles the program and all that it needs but Node into a folder, which runs wherever it is put. What a command does not need
 * stays in files that it does not load. Names and lines are kept, so that a stack trace can be read; source maps lie beside.
 * The folder is made where it is absent; whatever else is in it is removed, after the new files are there.
 */
export const bundle = async (root: string, folder: string): Promise<Bundle> => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { ...entries },
    outdir: folder,
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    outExtension: { ".js": bundledExtension },
    platform: "node",
    mainFields: ["module", "main"], // what is no CommonJS can be bundled in parts
    target: "node26",
    minifySyntax: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    define: { DISTGRAPH_VERSION: JSON.stringify(version) },
    // commander is CommonJS and requires modules of Node
    banner: { js: "var require = process.getBuiltinModule;" },
    plugins: [directImports],
    logLevel: "warning"
  })
  mkdirSync(folder, { recursive: true })
  const written = outputFiles.map(({ contents, path, text }) => {
    writeFileSync(path, contents, { mode: text.startsWith("#!") ? 0o777 : 0o666 })
    return basename(path)
  })
  writeFileSync(join(folder, LICENCES), licencesOf(root, metafile))
  const files = [...written, LICENCES].sort()
  for (const name of readdirSync(folder)) {
    if (!files.includes(name)) rmSync(join(folder, name), { recursive: true })
  }
  return { files, metafile }
}

const LICENCES = "LICENSES.txt"
