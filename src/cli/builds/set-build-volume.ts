import { Effect } from "effect"
import { HubRefused } from "../../hub/errors.ts"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withHub } from "../open-hub.ts"
import type { SetBuildVolume } from "./volume-specs.ts"

export const setBuildVolume = ({ builds, topdir, verbose, volume }: ArgsOf<typeof SetBuildVolume>) =>
  Effect.gen(function* () {
    const { talk } = yield* Output
    const outcomes = yield* withHub(
      topdir,
      Effect.gen(function* () {
        const hub = yield* Hub
        const known = (yield* hub.volumes).some(({ name }) => name === volume)
        if (!known) return yield* new HubRefused({ reason: `No such volume: ${volume}` })
        return yield* hub.setBuildVolume(volume, builds)
      })
    )
    const moved = outcomes.filter(({ outcome }) => outcome === "moved")
    yield* talk(
      ...outcomes
        .filter(({ outcome }) => outcome === "already-there")
        .map(({ nvr, to }) => `Build ${nvr} already on volume ${to}`)
    )
    if (moved.length === 0) return yield* new HubRefused({ reason: "No builds to move" })
    const lines = verbose ? moved.map(({ from, nvr, to }) => `${nvr}: ${from} -> ${to}`) : []
    return { lines, data: { builds: outcomes } } satisfies Report
  })
