// Plain JavaScript without imports, so that any Node can read it and say what is wrong.

const NEEDED = 26

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  process.stderr.write(
    `distgraph: error: Node ${NEEDED} or newer is needed (for zstd and node:sqlite), and this is Node ${process.versions.node}. ` +
      "In a checkout, run `npm ci` and start with `npm run -s distgraph -- ARGS…`: that brings its own Node; " +
      "where npm does not run install scripts, run `npm rebuild node` once, or install a newer Node.\n"
  )
  process.exit(1)
}
