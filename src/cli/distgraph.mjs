#!/usr/bin/env node
// Starts main.ts. Older versions of Node cannot read TypeScript: here they get a sentence instead of a loader error.
import "./node-version.mjs"

await import("./main.ts")
