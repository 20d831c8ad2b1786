import { spec } from "../frame/command.ts"

const missingGroup = "Please specify a tag name and a group name"
const missingPackages = "You must specify a tag name, group name, and one or more package names"
const missingRequired = "You must specify a tag name and two group names"

const ofGroup = {
  tag: { kind: "one", value: "tag", missing: missingGroup },
  group: { kind: "one", value: "group", missing: missingGroup }
} as const

const ofPackages = {
  tag: { kind: "one", value: "tag", missing: missingPackages },
  group: { kind: "one", value: "group", missing: missingPackages },
  packages: { kind: "some", value: "pkg", missing: missingPackages }
} as const

const ofRequired = {
  tag: { kind: "one", value: "tag", missing: missingRequired },
  group: { kind: "one", value: "target group", missing: missingRequired },
  required: { kind: "one", value: "required group", missing: missingRequired }
} as const

const event = {
  kind: "integer",
  long: "--event",
  value: "EVENT",
  summary: "Read the hub as it was at this event"
} as const

const showBlocked = { kind: "flag", long: "--show-blocked", summary: "Show blocked packages and groups" } as const

export const AddGroup = spec({
  name: "add-group",
  summary: "Add a group to a tag",
  hub: true,
  arguments: ofGroup,
  options: {}
})

export const BlockGroup = spec({
  name: "block-group",
  summary: "Block a group in a tag, its own or an inherited one",
  hub: true,
  arguments: ofGroup,
  options: {}
})

export const UnblockGroup = spec({
  name: "unblock-group",
  summary: "Take the block of a group away, so that what the tag inherits holds",
  hub: true,
  arguments: ofGroup,
  options: {}
})

export const AddGroupPkg = spec({
  name: "add-group-pkg",
  summary: "Add packages to a group of a tag",
  hub: true,
  arguments: ofPackages,
  options: {}
})

export const BlockGroupPkg = spec({
  name: "block-group-pkg",
  summary: "Block packages in a group of a tag",
  hub: true,
  arguments: ofPackages,
  options: {}
})

export const UnblockGroupPkg = spec({
  name: "unblock-group-pkg",
  summary: "Unblock packages in a group of a tag",
  hub: true,
  arguments: ofPackages,
  options: {}
})

export const AddGroupReq = spec({
  name: "add-group-req",
  summary: "Make a group of a tag need another group",
  hub: true,
  arguments: ofRequired,
  options: {}
})

export const BlockGroupReq = spec({
  name: "block-group-req",
  summary: "Block that a group of a tag needs another",
  hub: true,
  arguments: ofRequired,
  options: {}
})

export const UnblockGroupReq = spec({
  name: "unblock-group-req",
  summary: "Unblock that a group of a tag needs another",
  hub: true,
  arguments: ofRequired,
  options: {}
})

export const ListGroups = spec({
  name: "list-groups",
  summary: "Show the groups of a tag and what is in them",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: "Incorrect number of arguments" },
    group: { kind: "optional", value: "group" }
  },
  options: { event, showBlocked }
})

export const ShowGroups = spec({
  name: "show-groups",
  summary: "Print the groups of a tag as comps.xml",
  hub: true,
  arguments: { tag: { kind: "one", value: "tag", missing: "Incorrect number of arguments" } },
  options: {
    event,
    comps: { kind: "flag", long: "--comps", summary: "Accepted: comps.xml is what is printed" },
    expand: { kind: "flag", long: "--expand", short: "-x", summary: "List the packages of needed groups too" }
  }
})
