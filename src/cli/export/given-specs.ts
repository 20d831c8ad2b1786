import type { OptionSpec } from "../frame/command.ts"

/** The options for metadata that a repository is given, of all commands that make one. */
export const givenOptions = {
  modules: {
    kind: "paths",
    long: "--modules",
    value: "FILE",
    summary: "Include this module metadata (modules.yaml); may be repeated, the first file counts most"
  },
  updateinfo: {
    kind: "paths",
    long: "--updateinfo",
    value: "FILE",
    summary: "Include the advisories of this updateinfo.xml about packages of the repository; may be repeated"
  },
  productid: { kind: "path", long: "--productid", value: "FILE", summary: "Include this product certificate" },
  extraMetadata: {
    kind: "named-paths",
    long: "--extra-metadata",
    value: "TYPE=FILE",
    summary: "Include a file as metadata of this type, as modifyrepo_c does; may be repeated"
  }
} as const satisfies Readonly<Record<string, OptionSpec>>
