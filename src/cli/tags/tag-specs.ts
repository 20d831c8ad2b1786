import { spec } from "../frame/command.ts"

const missingTagName = "Please specify a name for the tag"

const event = {
  kind: "integer",
  long: "--event",
  value: "EVENT",
  summary: "Read the hub as it was at this event"
} as const

const arches = {
  kind: "text",
  long: "--arches",
  value: "ARCHES",
  summary: "The tag's architectures, separated by spaces or commas"
} as const

export const AddTag = spec({
  name: "add-tag",
  summary: "Add a tag",
  hub: true,
  arguments: { name: { kind: "one", value: "name", missing: missingTagName } },
  options: {
    arches,
    parent: { kind: "text", long: "--parent", value: "TAG", summary: "Inherit from this tag, with priority 0" },
    extra: {
      kind: "list",
      long: "--extra",
      short: "-x",
      value: "KEY=VALUE",
      summary: "Set an extra value (repeatable); numbers, True, False and None are read as such"
    }
  }
})

export const EditTag = spec({
  name: "edit-tag",
  summary: "Change a tag's architectures, lock or extra values",
  hub: true,
  arguments: { name: { kind: "one", value: "name", missing: missingTagName } },
  options: {
    arches,
    lock: { kind: "flag", long: "--lock", summary: "Lock the tag: builds are tagged and untagged only with --force" },
    unlock: { kind: "flag", long: "--unlock", summary: "Unlock the tag" },
    extra: {
      kind: "list",
      long: "--extra",
      short: "-x",
      value: "KEY=VALUE",
      summary:
        "Set an extra value (repeatable); numbers, True, False, None and JSON are read as such, so a key id of digits needs quotes: -x 'key=\"12345678\"'"
    },
    removeExtra: {
      kind: "list",
      long: "--remove-extra",
      short: "-r",
      value: "KEY",
      summary: "Remove an extra value of this tag (repeatable)"
    },
    blockExtra: {
      kind: "list",
      long: "--block-extra",
      short: "-b",
      value: "KEY",
      summary: "Hide an inherited extra value (repeatable)"
    }
  }
})

export const AddTagInheritance = spec({
  name: "add-tag-inheritance",
  summary: "Let a tag inherit from another",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: "This command takes exactly two arguments: a tag and its new parent" },
    parent: {
      kind: "one",
      value: "parent-tag",
      missing: "This command takes exactly two arguments: a tag and its new parent"
    }
  },
  options: {
    priority: {
      kind: "integer",
      long: "--priority",
      value: "PRIORITY",
      summary: "Parents of lower numbers are asked first; each needs its own (default: 0)"
    },
    maxdepth: {
      kind: "integer",
      long: "--maxdepth",
      value: "DEPTH",
      summary: "How many generations above the parent are inherited too (default: all)"
    },
    intransitive: { kind: "flag", long: "--intransitive", summary: "Not for tags that inherit from this tag" },
    noconfig: { kind: "flag", long: "--noconfig", summary: "Inherit builds, not configuration" },
    pkgFilter: {
      kind: "text",
      long: "--pkg-filter",
      value: "REGEX",
      summary: "Inherit only packages whose name begins with a match"
    }
  }
})

export const RemoveTagInheritance = spec({
  name: "remove-tag-inheritance",
  summary: "End a tag's inheritance from another",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: "This command takes exactly two arguments: a tag and its parent" },
    parent: {
      kind: "one",
      value: "parent-tag",
      missing: "This command takes exactly two arguments: a tag and its parent"
    }
  },
  options: {}
})

export const ListTags = spec({
  name: "list-tags",
  summary: "List the tags",
  hub: true,
  arguments: { patterns: { kind: "any", value: "pattern" } },
  options: {
    event,
    showId: { kind: "flag", long: "--show-id", summary: "Show the tags' ids" },
    unlocked: { kind: "flag", long: "--unlocked", summary: "Only tags that are not locked" }
  }
})

export const TagInfo = spec({
  name: "taginfo",
  summary: "Show a tag's configuration and parents",
  hub: true,
  arguments: { tags: { kind: "some", value: "tag", missing: "Please specify a tag" } },
  options: { event }
})

export const ListTagInheritance = spec({
  name: "list-tag-inheritance",
  summary: "Show the tree of a tag's parents",
  hub: true,
  arguments: { tag: { kind: "one", value: "tag", missing: "This command takes exactly one argument: a tag" } },
  options: { event }
})
