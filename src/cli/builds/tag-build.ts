import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withHub } from "../open-hub.ts"
import type { TagBuild } from "./build-specs.ts"

export const tagBuild = ({ tag, builds, force, topdir }: ArgsOf<typeof TagBuild>) =>
  Effect.gen(function* () {
    const { talk } = yield* Output
    yield* withHub(
      topdir,
      Effect.flatMap(Hub, (hub) => hub.tagBuild(tag, builds, { force }))
    )
    yield* talk(...builds.map((build) => `${build} tagged into ${tag}`))
    return { lines: [], data: { tag, builds } } satisfies Report
  })
