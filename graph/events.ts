/** What happens during a run, as it happens. Progress displays and tests listen; explanations are made from the log instead. */
export type RunEvent =
  /** Results taken from the store, some of one rule at once. */
  | { readonly _tag: "Hits"; readonly rule: string; readonly labels: ReadonlyArray<string> }
  | {
      readonly _tag: "Started"
      readonly kind: "plan" | "action"
      readonly rule: string
      readonly label: string
      /** The worker thread that has it, from 0 on; absent on the main thread. Some are handed over at once. */
      readonly worker?: number
    }
  | {
      readonly _tag: "Finished"
      readonly kind: "plan" | "action"
      readonly rule: string
      readonly label: string
      readonly ownMs: number
      readonly worker?: number
    }
  /** Also for a node that failed because of one below it. */
  | { readonly _tag: "Failed"; readonly rule: string; readonly label: string }
  /** Dry run: an action that a real run would start. */
  | { readonly _tag: "WouldRun"; readonly rule: string; readonly label: string }
  /** Dry run: a plan that stands on an action that would run. */
  | { readonly _tag: "Waits"; readonly rule: string; readonly label: string; readonly for: string }
