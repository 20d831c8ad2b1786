import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withHub } from "../open-hub.ts"
import type { AddVolume } from "./volume-specs.ts"

export const addVolume = ({ name, topdir }: ArgsOf<typeof AddVolume>) =>
  Effect.gen(function* () {
    const { talk } = yield* Output
    const volume = yield* withHub(
      topdir,
      Effect.flatMap(Hub, (hub) => hub.addVolume(name))
    )
    yield* talk(`Added volume ${volume.name} with id ${volume.id}`)
    return { lines: [], data: { volume } } satisfies Report
  })
