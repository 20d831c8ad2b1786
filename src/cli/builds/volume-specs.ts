import { spec } from "../frame/command.ts"

const missingBuilds = "You must provide a volume and at least one build"

export const AddVolume = spec({
  name: "add-volume",
  summary: "Make a storage volume known",
  description: "Its folder <topdir>/vol/<volume-name>, or a link from there to it, must be made before.",
  hub: true,
  arguments: { name: { kind: "one", value: "volume-name", missing: "Command requires exactly one volume-name." } },
  options: {}
})

export const SetBuildVolume = spec({
  name: "set-build-volume",
  summary: "Move builds to a different volume",
  description:
    "Their folders are moved to <topdir>/vol/<volume>/packages, or back to <topdir>/packages (volume DEFAULT), with a link in the old place.",
  hub: true,
  arguments: {
    volume: { kind: "one", value: "volume", missing: missingBuilds },
    builds: { kind: "some", value: "n-v-r", missing: missingBuilds }
  },
  options: { verbose: { kind: "flag", long: "--verbose", short: "-v", summary: "Say what was moved" } }
})

export const ListVolumes = spec({
  name: "list-volumes",
  summary: "List the storage volumes",
  hub: true,
  arguments: {},
  options: {}
})
