import { Effect } from "effect"
import { Hub } from "../../hub/hub.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { withNewHub } from "../open-hub.ts"
import { extraValues, keyIdWarnings } from "../words/extra-value.ts"
import { tagData } from "../words/tag-data.ts"
import type { AddTag } from "./tag-specs.ts"

export const addTag = ({ name, arches, parent, extra, topdir }: ArgsOf<typeof AddTag>) =>
  Effect.gen(function* () {
    const values = yield* extraValues(extra, { json: false })
    const hub = yield* Hub
    const output = yield* Output
    if (parent !== undefined) yield* hub.tagInfo(parent)
    const tag = yield* hub.addTag(name, { ...(arches === undefined ? {} : { arches }), extra: values })
    if (parent !== undefined) yield* hub.addTagInheritance(name, parent)
    yield* Effect.forEach(keyIdWarnings(extra), output.warn)
    return { lines: [], data: { tag: tagData(tag) } } satisfies Report
  }).pipe((effect) => withNewHub(topdir, effect))
