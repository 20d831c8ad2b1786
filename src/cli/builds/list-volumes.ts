import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { withHub } from "../open-hub.ts"
import type { ListVolumes } from "./volume-specs.ts"

export const listVolumes = ({ topdir }: ArgsOf<typeof ListVolumes>) =>
  Effect.flatMap(Hub, (hub) => hub.volumes).pipe(
    Effect.map((volumes): Report => ({ lines: volumes.map(({ name }) => name), data: { volumes } })),
    (effect) => withHub(topdir, effect)
  )
