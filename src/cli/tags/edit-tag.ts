import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { extraValues, keyIdWarnings } from "../words/extra-value.ts"
import { tagData } from "../words/tag-data.ts"
import type { EditTag } from "./tag-specs.ts"

export const editTag = (args: ArgsOf<typeof EditTag>) =>
  Effect.gen(function* () {
    const { name, arches, lock, unlock, removeExtra, blockExtra } = args
    if (lock && unlock) return yield* new UsageError({ reason: "--lock and --unlock exclude each other" })
    const extra = yield* extraValues(args.extra, { json: true })
    const keys = [...Object.keys(extra), ...new Set(removeExtra), ...new Set(blockExtra)]
    const twice = keys.find((key, index) => keys.indexOf(key) !== index)
    if (twice !== undefined)
      return yield* new UsageError({ reason: `The extra key ${twice} is set, removed or blocked at once` })
    const output = yield* Output
    const tag = yield* withHub(
      args.topdir,
      Effect.flatMap(Hub, (hub) =>
        hub.editTag(name, {
          ...(arches === undefined ? {} : { arches }),
          ...(lock || unlock ? { locked: lock } : {}),
          extra,
          removeExtra,
          blockExtra
        })
      )
    )
    yield* Effect.forEach(keyIdWarnings(args.extra), output.warn)
    return { lines: [], data: { tag: tagData(tag) } } satisfies Report
  })
