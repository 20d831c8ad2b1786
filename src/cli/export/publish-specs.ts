import type { OptionSpec } from "../frame/command.ts"

/** How dist repos are made whatever is in them: the options of all commands that make some. */
export const publishOptions = {
  database: {
    kind: "flag",
    long: "--database",
    summary: "Also make sqlite databases of the metadata, which only yum 3 needs"
  },
  limitNoarch: {
    kind: "flag",
    long: "--limit-noarch",
    summary: "Leave noarch rpms out of arches that ExcludeArch and ExclusiveArch of their source rpms exclude"
  },
  signRepomd: {
    kind: "text",
    long: "--sign-repomd",
    value: "KEYID",
    summary: "Sign repomd.xml with this key of gpg, and publish the public key beside it"
  },
  signCommand: {
    kind: "text",
    long: "--sign-command",
    value: "COMMAND",
    summary: "Sign repomd.xml with a command: it reads the file and prints an ASCII-armored detached signature"
  },
  repomdKey: {
    kind: "path",
    long: "--repomd-key",
    value: "FILE",
    summary: "With --sign-command: the public key to publish beside the signature"
  },
  profile: {
    kind: "choice",
    long: "--profile",
    value: "PROFILE",
    choices: ["el7", "el8", "el9", "fedora"],
    summary: "Compress metadata as these clients read it best: el7, el8, el9 gz; fedora zstd"
  },
  compress: {
    kind: "choice",
    long: "--compress",
    value: "TYPE",
    choices: ["gz", "zstd"],
    summary: "Compress metadata with gz (the default) or zstd"
  },
  openChecksum: {
    kind: "flag",
    long: "--open-checksum",
    summary: "Record the checksums of the uncompressed metadata (the default)"
  },
  noOpenChecksum: {
    kind: "flag",
    long: "--no-open-checksum",
    summary: "Leave them out, which saves a pass over all metadata; clients do without"
  },
  debugLayout: {
    kind: "choice",
    long: "--debug-layout",
    value: "LAYOUT",
    choices: ["own", "koji"],
    summary:
      "Where debuginfo rpms lie that are split off: in that repo itself (the default), or, as in Koji, among the others"
  },
  layout: {
    kind: "choice",
    long: "--layout",
    value: "LAYOUT",
    choices: ["hardlink", "shared", "copy"],
    summary:
      "Link each package into the repo (the default), share directories of packages between repos by symbolic links, " +
      "or copy packages"
  }
} as const satisfies Readonly<Record<string, OptionSpec>>
