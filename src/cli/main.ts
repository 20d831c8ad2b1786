import "./node-version.mjs"
import { enableCompileCache } from "node:module"
import { join } from "node:path"
import { userCacheDir } from "./frame/cache-dir.ts"

// Compiled code is kept in the user's own folder: Node's default lies in the temporary directory that all users share.
// Worker threads do not share the main thread's setting; they take it from the environment.
process.env["NODE_COMPILE_CACHE"] ??= join(userCacheDir(process.env), "distgraph-code")
enableCompileCache(process.env["NODE_COMPILE_CACHE"])

const { distgraph } = await import("./distgraph.ts")
const { processWorld } = await import("./frame/world.ts")

// Not process.exit: what was written to a pipe must still be flushed.
process.exitCode = await distgraph(process.argv.slice(2), processWorld())
