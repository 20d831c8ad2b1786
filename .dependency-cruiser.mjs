// Who may import whom. `test/layers.test.ts` plants a forbidden import and expects this check to fail.
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { path: "^(src|graph|rules|test)/", pathNot: allowed }
})

export default {
  forbidden: [
    only("graph-stands-alone", "^graph/", "^graph/"),
    only("bundle-stands-alone", "^src/bundle/", "^src/bundle/"),
    only("rpm-imports-rpm", "^src/rpm/", "^src/rpm/"),
    only("repodata-imports-rpm", "^src/repodata/", "^src/(repodata|rpm)/"),
    only("koji-imports-rpm", "^src/koji/", "^src/(koji|rpm)/"),
    only("rules-see-no-source", "^rules/", "^(rules/|graph/index[.]ts$|src/(rpm|repodata|koji)/)"),
    only("hub", "^src/hub/", "^src/(hub|koji|rpm)/"),
    only("source", "^src/source/", "^(src/(source|hub|koji|rpm|repodata)/|rules/index[.]ts$|graph/index[.]ts$)"),
    only(
      "publish",
      "^src/publish/",
      "^(src/(publish|hub|koji|rpm|repodata)/|src/bundle/entries[.]ts$|rules/index[.]ts$|graph/index[.]ts$)"
    ),
    only(
      "export",
      "^src/export/",
      "^(src/(export|publish|source|hub|koji|rpm|repodata)/|src/bundle/entries[.]ts$|rules/index[.]ts$|graph/index[.]ts$)"
    ),
    only("telemetry", "^src/telemetry/", "^src/(telemetry|export)/"),
    {
      name: "bundler-is-no-part-of-the-program",
      severity: "error",
      from: { path: "^(src|graph|rules)/", pathNot: "^src/bundle/" },
      to: { path: "^src/bundle/", pathNot: "^src/bundle/entries[.]ts$" }
    },
    {
      name: "nothing-imports-cli",
      severity: "error",
      from: { path: "^(src|graph|rules)/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" }
    },
    { name: "nothing-imports-test", severity: "error", from: { path: "^(src|graph|rules)/" }, to: { path: "^test/" } },
    {
      name: "one-door-into-graph",
      severity: "error",
      from: { path: "^(src|rules)/" },
      to: { path: "^graph/", pathNot: "^graph/index[.]ts$" }
    },
    {
      name: "one-door-into-rules",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^rules/", pathNot: "^rules/index[.]ts$" }
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } }
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } }
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      mainFields: ["module", "main"],
      extensions: [".ts", ".mjs", ".js"]
    }
  }
}
