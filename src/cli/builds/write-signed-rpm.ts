import { Data, Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import { nvra } from "../../rpm/nevra.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withHub } from "../open-hub.ts"
import type { WriteSignedRpm } from "./build-specs.ts"

/** A name that is neither a build's nor an rpm's. */
class NoSuchBuildOrRpm extends Data.TaggedError("NoSuchBuildOrRpm")<{ readonly names: ReadonlyArray<string> }> {
  override get message(): string {
    return `No such build or rpm: ${this.names.join(", ")}`
  }
}

export const writeSignedRpm = ({ key, names, force, topdir }: ArgsOf<typeof WriteSignedRpm>) =>
  Effect.gen(function* () {
    const { talk } = yield* Output
    const hub = yield* Hub
    const rpms = yield* Effect.forEach(names, (name) =>
      hub.buildRpms(name).pipe(
        Effect.map((rpms) => rpms.map(nvra)),
        // no build of this name: then it is an rpm's
        Effect.catchTag("NoSuchBuild", () => Effect.succeed([name]))
      )
    )
    const outcomes = yield* hub
      .writeSignedRpms(key.toLowerCase(), rpms.flat(), { force })
      .pipe(Effect.catchTag("NoSuchRpm", ({ rpms }) => new NoSuchBuildOrRpm({ names: rpms })))
    yield* talk(...outcomes.map(({ nvra }, index) => `[${index + 1}/${outcomes.length}] ${nvra}`))
    return { lines: [], data: { sigkey: key.toLowerCase(), rpms: outcomes } } satisfies Report
  }).pipe((effect) => withHub(topdir, effect))
