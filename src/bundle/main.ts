import { statSync } from "node:fs"
import { join } from "node:path"
import { bundle } from "./bundle.ts"

/** `npm run build`: bundles the program into `dist/`. */
const root = join(import.meta.dirname, "../..")
const folder = join(root, "dist")
const started = performance.now()
const { files } = await bundle(root, folder)
const code = files.filter((name) => !name.endsWith(".map"))
const kib = code.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / 1024
const seconds = (performance.now() - started) / 1000
process.stdout.write(`dist: ${code.length} files, ${Math.round(kib)} KiB, in ${seconds.toFixed(1)} s\n`)
