import { spec } from "../frame/command.ts"

export const AddVolume = spec({
  name: "add-volume",
  summary: "Make a storage volume known",
  description: "Its folder <topdir>/vol/<volume-name>, or a link from there to it, must be made before.",
  hub: true,
  arguments: { name: { kind: "one", value: "volume-name", missing: "Command requires exactly one volume-name." } },
  options: {}
})

export const ListVolumes = spec({
  name: "list-volumes",
  summary: "List the storage volumes",
  hub: true,
  arguments: {},
  options: {}
})
