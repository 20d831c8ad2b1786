import { Schema } from "effect"

/**
 * Where the packages of debug information are, where it has a sub-repository of its own: there, or, as Koji has it, in the repository
 * of the arch, among the others.
 */
export const DebugLayout = Schema.Literal("own", "koji")
export type DebugLayout = typeof DebugLayout.Type

/** As the optional field of an input: absent where debug information is not apart. */
export const SplitDebuginfo = Schema.optionalWith(DebugLayout, { exact: true })

/** What leads from the sub-repository to the folder in which its `Packages` is. */
export const debugPrefix = (layout: DebugLayout | undefined): "" | "../" => (layout === "koji" ? "../" : "")
