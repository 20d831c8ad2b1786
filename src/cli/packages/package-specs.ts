import { spec } from "../frame/command.ts"

const missing = "Please specify a tag and at least one package"

export const AddPkg = spec({
  name: "add-pkg",
  summary: "Add packages to a tag's package list",
  hub: true,
  arguments: { tag: { kind: "one", value: "tag", missing }, packages: { kind: "some", value: "package", missing } },
  options: {
    owner: { kind: "text", long: "--owner", value: "USER", summary: "Who owns the packages (default: you)" }
  }
})

export const BlockPkg = spec({
  name: "block-pkg",
  summary: "Block packages in a tag, and so in the tags that inherit from it",
  hub: true,
  arguments: { tag: { kind: "one", value: "tag", missing }, packages: { kind: "some", value: "package", missing } },
  options: {}
})

export const UnblockPkg = spec({
  name: "unblock-pkg",
  summary: "Unblock packages in a tag",
  hub: true,
  arguments: { tag: { kind: "one", value: "tag", missing }, packages: { kind: "some", value: "package", missing } },
  options: {}
})

export const ListPkgs = spec({
  name: "list-pkgs",
  summary: "Show the package list of a tag",
  hub: true,
  arguments: {},
  options: {
    tag: { kind: "text", long: "--tag", value: "TAG", summary: "The tag" },
    package: { kind: "text", long: "--package", value: "PACKAGE", summary: "Only this package" },
    noinherit: { kind: "flag", long: "--noinherit", summary: "Only entries of the tag itself" },
    showBlocked: { kind: "flag", long: "--show-blocked", summary: "Show blocked packages too" },
    event: { kind: "integer", long: "--event", value: "EVENT", summary: "Read the hub as it was at this event" }
  }
})
