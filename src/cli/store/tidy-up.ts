import { Effect } from "effect"
import { collectLargeStore } from "../../export/collect-store.ts"
import { Output } from "../frame/output.ts"
import { sizeText } from "../words/size.ts"

/**
 * Follows an export that ended well: collects garbage where the store has outgrown its bound. What was exported stays exported whatever
 * becomes of it, so a failure is a warning.
 */
export const tidyUp = ({ store, storeSize }: { readonly store: string; readonly storeSize: number | null }) =>
  Effect.gen(function* () {
    const { talk, warn } = yield* Output
    const report = yield* Effect.catchAll(collectLargeStore(store, storeSize), ({ message }) =>
      Effect.as(warn(`the store was not tidied up: ${message}`), null)
    )
    if (report === null) return
    const { after, before } = report.size
    const sizes = `${sizeText(before)} to ${sizeText(after ?? before)}`
    yield* talk(`the store ${store} was larger than ${sizeText(storeSize ?? 0)}: it went from ${sizes}`)
  })
