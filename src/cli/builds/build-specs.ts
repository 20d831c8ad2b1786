import { spec } from "../frame/command.ts"

const missingBuilds = "This command takes at least two arguments: a tag and one or more builds, by name-version-release"

export const Import = spec({
  name: "import",
  summary: "Import rpm files into the hub, with the builds they belong to",
  description:
    "Imports rpm files, signed or not. Files of one source rpm are one build, which is created where it is missing. " +
    "If any file cannot be imported, none is.",
  hub: true,
  arguments: { files: { kind: "some", value: "package", path: true, missing: "No packages specified" } },
  options: {
    createBuild: {
      kind: "flag",
      long: "--create-build",
      summary: "Accepted for Koji's sake: missing builds are always created"
    }
  }
})

export const ImportSig = spec({
  name: "import-sig",
  summary: "Import the signatures of signed rpm files, and write the signed copies",
  description:
    "Takes the signatures from signed rpm files whose unsigned (or otherwise signed) versions were imported before.",
  hub: true,
  arguments: { files: { kind: "some", value: "package", path: true, missing: "No packages specified" } },
  options: {
    write: { kind: "flag", long: "--write", summary: "Accepted for Koji's sake: signed copies are written by default" },
    nowrite: { kind: "flag", long: "--nowrite", summary: "Do not write the signed copies" }
  }
})

export const WriteSignedRpm = spec({
  name: "write-signed-rpm",
  summary: "Write signed copies of rpms from imported signatures",
  hub: true,
  arguments: {
    key: { kind: "one", value: "signature-key", missing: "A signature key must be specified" },
    names: { kind: "some", value: "n-v-r[.a]", missing: "At least one RPM or build must be specified" }
  },
  options: {
    force: { kind: "flag", long: "--force", summary: "Write copies again that are there already" }
  }
})

export const TagBuild = spec({
  name: "tag-build",
  summary: "Tag builds",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: missingBuilds },
    builds: { kind: "some", value: "n-v-r", missing: missingBuilds }
  },
  options: {
    force: {
      kind: "flag",
      long: "--force",
      summary: "Tag also what is tagged already, is not in the package list, or where the tag is locked"
    },
    wait: { kind: "flag", long: "--wait", summary: "Accepted for Koji's sake: the command always waits" },
    nowait: { kind: "flag", long: "--nowait", summary: "Accepted for Koji's sake: the command always waits" }
  }
})

export const UntagBuild = spec({
  name: "untag-build",
  summary: "Untag builds",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: missingBuilds },
    builds: { kind: "any", value: "n-v-r" }
  },
  options: {
    all: { kind: "flag", long: "--all", summary: "Untag all builds of the packages given instead of builds" },
    nonLatest: {
      kind: "flag",
      long: "--non-latest",
      summary: "Untag all but the latest build, of the packages given instead of builds or of all packages"
    },
    test: { kind: "flag", long: "--test", short: "-n", summary: "Only say what would be untagged" },
    force: { kind: "flag", long: "--force", summary: "Untag also where the tag is locked" }
  }
})

export const ListTagged = spec({
  name: "list-tagged",
  summary: "List the builds or rpms of a tag",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: "A tag name must be specified" },
    package: { kind: "optional", value: "package" }
  },
  options: {
    rpms: { kind: "flag", long: "--rpms", summary: "Show rpms instead of builds" },
    arch: { kind: "list", long: "--arch", value: "ARCH", summary: "Show rpms of this architecture (repeatable)" },
    sigs: { kind: "flag", long: "--sigs", summary: "Show rpms with the keys of their signatures" },
    paths: { kind: "flag", long: "--paths", summary: "Show paths of builds or of primary rpm files" },
    inherit: { kind: "flag", long: "--inherit", summary: "With the tag's parents" },
    latest: { kind: "flag", long: "--latest", summary: "Only the latest build of each package" },
    event: { kind: "integer", long: "--event", value: "EVENT", summary: "Read the hub as it was at this event" }
  }
})

export const ListHistory = spec({
  name: "list-history",
  summary: "Show what was changed, when and by whom",
  hub: true,
  arguments: {},
  options: {
    tag: { kind: "text", long: "--tag", value: "TAG", summary: "Only changes of this tag" },
    build: { kind: "text", long: "--build", value: "N-V-R", summary: "Only taggings of this build" },
    package: { kind: "text", long: "--package", value: "PACKAGE", summary: "Only changes that concern this package" },
    beforeEvent: { kind: "integer", long: "--before-event", value: "EVENT", summary: "Only changes before this event" },
    afterEvent: { kind: "integer", long: "--after-event", value: "EVENT", summary: "Only changes after this event" },
    active: { kind: "flag", long: "--active", short: "-a", summary: "Only what is still so" },
    events: { kind: "flag", long: "--events", short: "-e", summary: "Show event ids" },
    utc: { kind: "flag", long: "--utc", short: "-u", summary: "Show times in UTC, not in local time" }
  }
})
