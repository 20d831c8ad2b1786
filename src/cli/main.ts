import "./node-version.mjs"
import { enableCompileCache } from "node:module"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { userCacheDir } from "./frame/cache-dir.ts"

// Compiled code is kept in the user's own folder: Node's default lies in the temporary directory that all users share.
// Worker threads do not share the main thread's setting; they take it from the environment.
process.env["NODE_COMPILE_CACHE"] ??= join(userCacheDir(process.env), "distgraph-code")
enableCompileCache(process.env["NODE_COMPILE_CACHE"])

// A big export is to leave memory to others: of all threads the garbage is collected when a heap has doubled, where V8 would let it
// grow fourfold, and what becomes free goes back at once. It costs a few percent of the time of a first export.
setFlagsFromString("--heap-growing-percent=100")
setFlagsFromString("--no-memory-pool")

const { distgraph } = await import("./distgraph.ts")
const { processWorld } = await import("./frame/world.ts")

// Not process.exit: what was written to a pipe must still be flushed.
process.exitCode = await distgraph(process.argv.slice(2), processWorld())
