import { Schema } from "effect"
import type { FieldChange } from "../../graph/index.ts"

const GivenFile = Schema.Struct({ type: Schema.String, name: Schema.String, content: Schema.String })

/** What a repo's options hold that a person chose, in the words of the command. The rest follows from it. */
const Chosen = Schema.parseJson(
  Schema.Struct({
    missingSignatures: Schema.Unknown,
    compression: Schema.Unknown,
    openChecksum: Schema.Unknown,
    database: Schema.optional(Schema.Unknown),
    deltas: Schema.optional(Schema.Unknown),
    groups: Schema.optional(Schema.Unknown),
    additional: Schema.optional(Schema.Array(GivenFile)),
    filterComps: Schema.optional(Schema.Unknown),
    modules: Schema.optional(Schema.Unknown),
    updateinfo: Schema.optional(Schema.Unknown),
    multilib: Schema.optional(Schema.Unknown),
    limitNoarch: Schema.optional(Schema.Unknown),
    zchunk: Schema.optional(Schema.Unknown),
    signer: Schema.optional(Schema.Unknown),
    layout: Schema.Unknown,
    splitDebuginfo: Schema.optional(Schema.Unknown),
    changelogLimit: Schema.Unknown,
    topdir: Schema.Unknown,
    recorded: Schema.Struct({
      keys: Schema.Unknown,
      taskOptions: Schema.Struct({
        arch: Schema.Unknown,
        event: Schema.Unknown,
        volume: Schema.optional(Schema.Unknown),
        inherit: Schema.Unknown,
        latest: Schema.Unknown
      })
    })
  })
)

/** The options that differ between two repos of a tag, each given as the canonical JSON that the hub keeps of it. */
export const optionChanges = (before: string, after: string): ReadonlyArray<FieldChange> => {
  const [old, now] = [before, after].map((options) => {
    const { additional = [], groups: comps, recorded, ...chosen } = Schema.decodeUnknownSync(Chosen)(options)
    // the groups of a repository are given as comps
    const others = additional.filter(({ type }) => !type.startsWith("group"))
    const given = { ...(comps === undefined ? {} : { comps }), ...(others.length === 0 ? {} : { additional: others }) }
    return { keys: recorded.keys, ...recorded.taskOptions, ...chosen, ...given }
  })
  return changesBetween(old, now)
}

/** Of an internal repo: what was asked for, and what of the tag's configuration is no build. */
const ChosenOfInternal = Schema.parseJson(
  Schema.Struct({
    arches: Schema.Unknown,
    groups: Schema.Unknown,
    blocklist: Schema.Unknown,
    external: Schema.optional(Schema.Unknown),
    recorded: Schema.Struct({ opts: Schema.Record({ key: Schema.String, value: Schema.Unknown }) })
  })
)

/** The same for internal repos. */
export const internalOptionChanges = (before: string, after: string): ReadonlyArray<FieldChange> => {
  const [old, now] = [before, after].map((options) => {
    const { recorded, ...chosen } = Schema.decodeUnknownSync(ChosenOfInternal)(options)
    return { ...recorded.opts, ...chosen }
  })
  return changesBetween(old, now)
}

type Options = Readonly<Record<string, unknown>>

const changesBetween = (old: Options = {}, now: Options = {}): ReadonlyArray<FieldChange> =>
  [...new Set([...Object.keys(now), ...Object.keys(old)])].flatMap((field) => {
    const [was, is] = [JSON.stringify(old[field]), JSON.stringify(now[field])]
    return was === is ? [] : [{ field, before: was, after: is, differences: [] }]
  })

/** Options by which a request sees another content of the same tag. */
export const contentOptions: ReadonlySet<string> = new Set(["event", "inherit", "latest"])
