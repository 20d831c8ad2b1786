import { Effect, type SchemaAST } from "effect"
import { codecOf, type Difference } from "./blob-codec.ts"
import { Blobs } from "./blobs.ts"
import { type Digest, isDigest } from "./digest.ts"
import type { Explanation, FieldChange, NodeStory, Outcome, Reason } from "./explanation.ts"
import { describeError, type RunFailed } from "./failure.ts"
import { nameOf } from "./flight.ts"
import { fingerprint, rulesUnder } from "./key.ts"
import { fieldOf, referencesIn } from "./references.ts"
import type { AnyRule } from "./rule.ts"
import {
  type Demand,
  type NodeRecord,
  type RanNodes,
  type RuleRecord,
  Store,
  type StoreApi,
  type StoreError
} from "./store.ts"

/** So many reused nodes are looked at to say what they saved; a run over a big graph is told in part. */
const savedNodesLimit = 5000

/**
 * Tells the story of a run from the log: walks its graph and the baseline's side by side, pairs nodes by the place of their demand,
 * and looks no further where both have the same node, so it costs what changed.
 */
export const explain = (
  rootRule: AnyRule,
  request: {
    readonly label: string
    readonly run: number
    /** Undefined: the newest succeeded run of the same label before this one. */
    readonly baseline?: number
    readonly failed?: RunFailed<unknown>
  }
): Effect.Effect<Explanation, StoreError, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const run = yield* store.run(request.run)
    const baseline =
      request.baseline === undefined
        ? yield* store.lastSucceeded(request.label, request.run)
        : yield* store.run(request.baseline)
    const walk = storyteller(store, rootRule, request.run)
    const failed = (request.failed?.failures ?? []).map(({ error, node, wantedBy }) => ({
      node,
      message: describeError(error),
      upstreamFailed: [...wantedBy]
    }))
    // What a failed run left undone, a later one may have done: its root is not of this story.
    const succeeded = run?.status === "succeeded" && run.root !== null
    const root = succeeded ? yield* store.node(run.root) : undefined
    const before = baseline?.root == null ? undefined : yield* store.node(baseline.root)
    const story =
      root === undefined ? null : yield* walk.tell({ rule: root.rule.name, label: "", key: root.key }, before)
    const asked = root === undefined || before === undefined ? [] : yield* walk.inputChanges(before, root)
    const saved = yield* walk.saved
    return {
      format: 1,
      label: request.label,
      run: { id: request.run, started: run?.started ?? 0 },
      baseline: baseline === undefined ? null : { id: baseline.id, started: baseline.started },
      asked,
      root: story,
      failed,
      ran: root === undefined ? yield* store.ranIn(request.run) : [...walk.ran.values()],
      reused: [...walk.reused].map(([rule, keys]) => ({ rule, nodes: keys.size })),
      ...saved
    }
  })

const storyteller = (store: StoreApi, rootRule: AnyRule, run: number) => {
  const rules = rulesUnder(rootRule)
  const told = new Set<string>()
  const ran = new Map<string, RanNodes>()
  const reused = new Map<string, Set<string>>()
  /** Which node of this run made a blob. */
  const producers = new Map<Digest, string>()

  const tell = (demand: Demand, before: NodeRecord | undefined): Effect.Effect<NodeStory, StoreError> =>
    Effect.gen(function* () {
      const { key, label, rule } = demand
      const node = yield* store.node(key)
      const computedBy = node?.run ?? run
      if (node === undefined || computedBy !== run) {
        const keys = reused.get(rule) ?? new Set()
        reused.set(rule, keys.add(key))
        return { rule, label, key, outcome: hitOutcome(node, before, computedBy), toldBefore: false, children: [] }
      }
      const outcome: Outcome = { _tag: "Ran", reason: yield* reasonOf(node, before), ownMs: node.ownMs }
      if (told.has(key)) return { rule, label, key, outcome, toldBefore: true, children: [] }
      told.add(key)
      const total = ran.get(rule) ?? { nodes: 0, ownMs: 0 }
      ran.set(rule, { rule, nodes: total.nodes + 1, ownMs: total.ownMs + node.ownMs })
      const children: Array<NodeStory> = []
      const places = placesOf(before?.demands ?? [])
      for (const child of node.demands) {
        const earlier = places.get(placeOf(child))?.shift()
        children.push(yield* tell(child, earlier === undefined ? undefined : yield* store.node(earlier.key)))
      }
      for (const { digest } of namedBy(rules.get(rule)?.output, node.output)) {
        // What a plan hands on was made below it.
        if (!producers.has(digest)) producers.set(digest, nameOf(rule, label))
      }
      return { rule, label, key, outcome, toldBefore: false, children }
    })

  const hitOutcome = (node: NodeRecord | undefined, before: NodeRecord | undefined, computedBy: number): Outcome => {
    const made = namedBy(rules.get(node?.rule.name ?? "")?.input, node?.input ?? "null").flatMap(
      ({ digest }) => producers.get(digest) ?? []
    )
    return node !== undefined && node.key === before?.key && made.length > 0
      ? { _tag: "CutOff", run: computedBy, producers: [...new Set(made)] }
      : { _tag: "Hit", run: computedBy }
  }

  const reasonOf = (node: NodeRecord, before: NodeRecord | undefined): Effect.Effect<Reason, StoreError> =>
    Effect.gen(function* () {
      if (node.rerun === "forced") return { _tag: "Forced" }
      if (node.rerun === "output-lost") return { _tag: "OutputLost" }
      if (node.rerun === "output-damaged") return { _tag: "OutputDamaged" }
      if (node.rerun === "output-unreadable") return { _tag: "OutputUnreadable" }
      if (before === undefined) return { _tag: "NeverBuilt" }
      if (before.key === node.key) return { _tag: "OutputLost" }
      if (before.rule.fingerprint !== node.rule.fingerprint)
        return ruleReason(rules.get(node.rule.name), before.rule, node.rule)
      return { _tag: "InputChanged", changes: yield* inputChanges(before, node) }
    })

  const inputChanges = (before: NodeRecord, node: NodeRecord): Effect.Effect<ReadonlyArray<FieldChange>, StoreError> =>
    fieldChanges(rules.get(node.rule.name)?.input, JSON.parse(before.input), JSON.parse(node.input), "")

  /** Compares two encoded inputs along their schema, down to the fields that differ. */
  const fieldChanges = (
    schema: SchemaAST.AST | undefined,
    before: unknown,
    after: unknown,
    field: string
  ): Effect.Effect<ReadonlyArray<FieldChange>, StoreError> =>
    Effect.gen(function* () {
      if (JSON.stringify(before) === JSON.stringify(after)) return []
      if (isRecord(before) && isRecord(after)) {
        const changes: Array<FieldChange> = []
        for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
          const inner = schema === undefined ? undefined : fieldOf(schema, name)
          changes.push(
            ...(yield* fieldChanges(inner, before[name], after[name], field === "" ? name : `${field}.${name}`))
          )
        }
        return changes
      }
      if (Array.isArray(before) && Array.isArray(after)) return yield* elementChanges(schema, before, after, field)
      const producedBy = isDigest(after) ? producers.get(after) : undefined
      return [
        {
          field,
          ...(before === undefined ? {} : { before: JSON.stringify(before) }),
          ...(after === undefined ? {} : { after: JSON.stringify(after) }),
          differences: yield* differencesOf(schema, before, after),
          ...(producedBy === undefined ? {} : { producedBy })
        }
      ]
    })

  /** Leaves out what two lists begin and end with in common, and pairs the rest one by one. */
  const elementChanges = (
    schema: SchemaAST.AST | undefined,
    before: ReadonlyArray<unknown>,
    after: ReadonlyArray<unknown>,
    field: string
  ): Effect.Effect<ReadonlyArray<FieldChange>, StoreError> =>
    Effect.gen(function* () {
      const [old, now] = [before.map(asText), after.map(asText)]
      const shorter = Math.min(old.length, now.length)
      let head = 0
      while (head < shorter && old[head] === now[head]) head += 1
      let tail = 0
      while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1
      const changes: Array<FieldChange> = []
      for (let at = head; at < Math.max(old.length, now.length) - tail; at += 1) {
        const inner = schema === undefined ? undefined : fieldOf(schema, String(at))
        const was = at < old.length - tail ? before[at] : undefined
        const is = at < now.length - tail ? after[at] : undefined
        changes.push(...(yield* fieldChanges(inner, was, is, `${field}[${at}]`)))
      }
      return changes
    })

  /** The same two lists are the input of several nodes. */
  const compared = new Map<string, ReadonlyArray<Difference>>()

  const differencesOf = (
    schema: SchemaAST.AST | undefined,
    before: unknown,
    after: unknown
  ): Effect.Effect<ReadonlyArray<Difference>, StoreError> => {
    const compare = schema === undefined ? undefined : codecOf(schema)?.differencesBetween
    if (compare === undefined || !isDigest(before) || !isDigest(after)) return Effect.succeed([])
    const both = `${before} ${after}`
    const known = compared.get(both)
    if (known !== undefined) return Effect.succeed(known)
    // What the baseline read may be gone from the store; then the change is told without details.
    return Effect.all([store.blob(before), store.blob(after)]).pipe(
      Effect.flatMap(([old, now]) => compare(old, now)),
      Effect.provideService(Blobs, {
        read: (digest) => Effect.orDie(store.blob(digest)),
        write: () => Effect.dieMessage("an explanation writes nothing")
      }),
      Effect.catchAllCause(() => Effect.succeed<ReadonlyArray<Difference>>([])),
      Effect.tap((differences) => Effect.sync(() => compared.set(both, differences)))
    )
  }

  /** Sums the own times of the reused nodes and of all below them, each once. */
  const saved = Effect.gen(function* () {
    const queue = [...reused.values()].flatMap((keys) => [...keys])
    const seen = new Set(queue)
    let savedMs = 0
    for (let next = 0; next < Math.min(queue.length, savedNodesLimit); next += 1) {
      const node = yield* store.node(queue[next] ?? "")
      savedMs += node?.ownMs ?? 0
      for (const { key } of node?.demands ?? []) {
        if (seen.has(key)) continue
        seen.add(key)
        queue.push(key)
      }
    }
    return { savedMs, savedIsPartial: queue.length > savedNodesLimit }
  })

  return { tell, inputChanges, ran, reused, saved }
}

const ruleReason = (rule: AnyRule | undefined, before: RuleRecord, after: RuleRecord): Reason => {
  if (before.version !== after.version) return { _tag: "RuleChanged", before: before.version, after: after.version }
  const names = [...new Set([...Object.keys(before.tools), ...Object.keys(after.tools)])].sort()
  const tools = names
    .map((name) => ({ name, before: before.tools[name] ?? "absent", after: after.tools[name] ?? "absent" }))
    .filter((tool) => tool.before !== tool.after)
  if (tools.length > 0) return { _tag: "ToolChanged", tools }
  const known = new Set(before.needs)
  return {
    _tag: "NeededRuleChanged",
    rules: (rule?.needs ?? []).filter((needed) => !known.has(fingerprint(needed))).map(({ name }) => name)
  }
}

const namedBy = (schema: SchemaAST.AST | undefined, json: string) =>
  schema === undefined ? [] : referencesIn(schema, JSON.parse(json))

const asText = (value: unknown): string => JSON.stringify(value)

const placeOf = ({ label, rule }: Demand): string => `${rule} ${label}`

const placesOf = (demands: ReadonlyArray<Demand>): Map<string, Array<Demand>> => {
  const places = new Map<string, Array<Demand>>()
  for (const demand of demands) {
    const there = places.get(placeOf(demand))
    if (there === undefined) places.set(placeOf(demand), [demand])
    else there.push(demand)
  }
  return places
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
