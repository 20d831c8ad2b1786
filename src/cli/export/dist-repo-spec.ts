import { spec } from "../frame/command.ts"
import { exportOptions } from "./export-specs.ts"
import { givenOptions } from "./given-specs.ts"
import { publishOptions } from "./publish-specs.ts"

export const DistRepo = spec({
  name: "dist-repo",
  summary: "Export a tag as a repository of signed rpms",
  description:
    "Makes a repository for each of the tag's arches under <topdir>/repos-dist/<tag>/<id>, with the copy of each rpm that is " +
    "signed with the first of the given keys that signed it. Where nothing changed since the newest repo, none is made.",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: "You must provide a tag to generate the repo from" },
    keys: { kind: "any", value: "key_id" }
  },
  options: {
    arches: {
      kind: "list",
      long: "--arch",
      short: "-a",
      value: "ARCH",
      summary: "Export this arch instead of the tag's; may be repeated"
    },
    event: { kind: "integer", long: "--event", value: "EVENT", summary: "Use tag content at event" },
    volume: { kind: "text", long: "--volume", value: "NAME", summary: "Put the repo on this storage volume" },
    noinherit: { kind: "flag", long: "--noinherit", summary: "Do not consider tag inheritance" },
    nonLatest: { kind: "flag", long: "--non-latest", summary: "Include older builds, not just the latest" },
    splitDebuginfo: {
      kind: "flag",
      long: "--split-debuginfo",
      summary: "Split debuginfo rpms into a separate repo for each arch"
    },
    comps: { kind: "path", long: "--comps", value: "FILE", summary: "Include a comps file in the repodata" },
    multilib: {
      kind: "path",
      long: "--multilib",
      value: "CONFIG",
      summary: "Include multilib packages in the repository using the given config"
    },
    zck: { kind: "flag", long: "--zck", summary: "Generate zchunk files as well as the standard repodata" },
    zckDictDir: {
      kind: "path",
      long: "--zck-dict-dir",
      value: "DIR",
      summary: "Directory containing compression dictionaries for use by zchunk"
    },
    deltaRpms: {
      kind: "list",
      long: "--delta-rpms",
      value: "REPO",
      summary: "Create delta rpms from the packages of this repo, an id or the name of a tag; may be repeated"
    },
    filterComps: {
      kind: "choice",
      long: "--filter-comps",
      value: "WHAT",
      choices: ["arch", "packages"],
      summary: "Limit comps to each repo's arch, or to its packages as well"
    },
    ...givenOptions,
    ...publishOptions,
    withSrc: { kind: "flag", long: "--with-src", summary: "Also generate a src repo" },
    allowMissingSignatures: {
      kind: "flag",
      long: "--allow-missing-signatures",
      summary: "For rpms not signed with a desired key, fall back to the primary copy"
    },
    skipMissingSignatures: {
      kind: "flag",
      long: "--skip-missing-signatures",
      summary: "Skip rpms not signed with the desired key(s)"
    },
    writeSignedRpms: {
      kind: "flag",
      long: "--write-signed-rpms",
      summary: "Write signed copies that are missing, from signatures that were imported"
    },
    skipStat: { kind: "flag", long: "--skip-stat", summary: "Take the hub's word for package files (the default)" },
    noSkipStat: {
      kind: "flag",
      long: "--no-skip-stat",
      summary: "Read every package file in full, and fail where one is not what the hub recorded"
    },
    ...exportOptions
  }
})
