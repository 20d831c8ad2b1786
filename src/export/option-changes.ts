import { Schema } from "effect"
import type { FieldChange } from "../../graph/index.ts"

/** What a repo's options hold that a person chose, in the words of the command. The rest follows from it. */
const Chosen = Schema.parseJson(
  Schema.Struct({
    missingSignatures: Schema.Unknown,
    compression: Schema.Unknown,
    openChecksum: Schema.Unknown,
    database: Schema.optional(Schema.Unknown),
    deltas: Schema.optional(Schema.Unknown),
    layout: Schema.Unknown,
    changelogLimit: Schema.Unknown,
    topdir: Schema.Unknown,
    recorded: Schema.Struct({
      keys: Schema.Unknown,
      taskOptions: Schema.Struct({
        arch: Schema.Unknown,
        event: Schema.Unknown,
        inherit: Schema.Unknown,
        latest: Schema.Unknown
      })
    })
  })
)

/** The options that differ between two repos of a tag, each given as the canonical JSON that the hub keeps of it. */
export const optionChanges = (before: string, after: string): ReadonlyArray<FieldChange> => {
  const [old, now] = [before, after].map((options) => {
    const { recorded, ...chosen } = Schema.decodeUnknownSync(Chosen)(options)
    return new Map(Object.entries({ keys: recorded.keys, ...recorded.taskOptions, ...chosen }))
  })
  return [...(now ?? [])].flatMap(([field, value]) => {
    const [was, is] = [JSON.stringify(old?.get(field)), JSON.stringify(value)]
    return was === is ? [] : [{ field, before: was, after: is, differences: [] }]
  })
}

/** Options by which a request sees another content of the same tag. */
export const contentOptions: ReadonlySet<string> = new Set(["event", "inherit", "latest"])
