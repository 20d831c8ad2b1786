import { Effect, Option, SchemaAST } from "effect"
import { describe, expect, it } from "vitest"
import {
  type AnyRule,
  canonicalJson,
  emptyContents,
  explain,
  fingerprint,
  memoryStore,
  Store
} from "../../graph/index.ts"
import { explainText } from "../../src/cli/export/explain-text.ts"
import { allRules } from "./all-rules.ts"
import { digestFor } from "./rows.ts"

/** A part of an input, and what it is before and after a change. */
interface Change {
  readonly path: ReadonlyArray<string | number>
  readonly before: unknown
  readonly after: unknown
}

/** Every part of an encoded value of a schema that may change, each with a change of it. */
const changesOf = (ast: SchemaAST.AST, path: Change["path"] = []): ReadonlyArray<Change> => {
  const encoded = encodedOf(ast)
  if (SchemaAST.isTypeLiteral(encoded)) {
    return [
      ...encoded.propertySignatures.flatMap(({ isOptional, name, type }): ReadonlyArray<Change> => {
        const inner = [...path, String(name)]
        const appears = { path: inner, before: undefined, after: valueFor(type, 1) }
        return [...changesOf(type, inner), ...(isOptional ? [appears] : [])]
      }),
      ...encoded.indexSignatures.flatMap(({ type }) => changesOf(type, [...path, "x86_64"]))
    ]
  }
  if (SchemaAST.isTupleType(encoded)) {
    const grown = { path, before: [], after: valueFor(encoded, 1) }
    return [grown, ...encoded.rest.flatMap(({ type }) => changesOf(type, [...path, 0]))]
  }
  const [before, after] = [1, 2].map((seed) =>
    SchemaAST.isStringKeyword(encoded) && isSum(path.at(-1)) ? sumFor(seed) : valueFor(ast, seed)
  )
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ path, before, after }]
}

/** A value of a schema's encoded side, another one for each seed where there is another. */
const valueFor = (ast: SchemaAST.AST, seed: number): unknown => {
  const encoded = encodedOf(ast)
  if (SchemaAST.isTypeLiteral(encoded)) {
    const required = encoded.propertySignatures.filter(({ isOptional }) => !isOptional)
    return Object.fromEntries([
      ...required.map(({ name, type }) => [String(name), valueFor(type, seed)]),
      ...encoded.indexSignatures.map(({ type }) => ["x86_64", valueFor(type, seed)])
    ])
  }
  if (SchemaAST.isTupleType(encoded)) return encoded.rest.map(({ type }) => valueFor(type, seed))
  if (SchemaAST.isUnion(encoded)) return valueFor(encoded.types[(seed - 1) % encoded.types.length] ?? encoded, seed)
  if (SchemaAST.isLiteral(encoded)) return encoded.literal
  if (SchemaAST.isNumberKeyword(encoded)) return seed
  if (SchemaAST.isBooleanKeyword(encoded)) return seed % 2 === 0
  if (SchemaAST.isStringKeyword(encoded)) return isDigestSchema(ast) ? digestFor(`${seed}`) : `word-${seed}`
  throw new Error(`no value of ${String(encoded)}`)
}

/** The fields that hold a checksum, the shortest of which are of MD5. */
const isSum = (field: string | number | undefined): boolean => /md5|checksum$/i.test(String(field))
const sumFor = (seed: number): string => digestFor(`${seed}`).slice(0, 32)

const encodedOf = (ast: SchemaAST.AST): SchemaAST.AST => SchemaAST.encodedAST(ast)

/** A digest's text follows a pattern; no other text of an input does. */
const isDigestSchema = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isRefinement(ast) ||
  Option.exists(SchemaAST.getIdentifierAnnotation(ast), (name) => /^Digest|^ExternalFile/.test(name))

/** The value with one part replaced. */
const withPart = (value: unknown, [first, ...rest]: Change["path"], part: unknown): unknown => {
  if (first === undefined) return part
  if (typeof first === "number") return [withPart(undefined, rest, part)]
  const inner = typeof value === "object" && value !== null ? { ...value } : {}
  const old: unknown = Reflect.get(inner, first)
  const replaced = withPart(old, rest, part)
  return replaced === undefined ? inner : { ...inner, [first]: replaced }
}

/** What is said of a rule's node, for which nothing but this changed, and of which no blob is left. */
const said = async (rule: AnyRule, { after, before, path }: Change): Promise<string> => {
  const store = memoryStore(emptyContents())
  const { name, needs, tools, version } = rule
  const record = { name, version, tools, fingerprint: fingerprint(rule), needs: needs.map(fingerprint) }
  const graph = await Effect.runPromise(
    Effect.gen(function* () {
      const whole = valueFor(rule.input, 1)
      for (const [key, part] of [
        ["old", before],
        ["new", after]
      ] as const) {
        const run = yield* store.startRun("test", 0)
        const input = canonicalJson(withPart(whole, path, part))
        const node = { key, rule: record, input, output: "null", demands: [], run, ownMs: 1, rerun: null }
        yield* store.putNode(node)
        yield* store.finishRun(run, { status: "succeeded", finished: 1, root: key })
      }
      return yield* explain(rule, { label: "test", run: 2 })
    }).pipe(Effect.provideService(Store, store))
  )
  const parent = graph.root === null ? null : { ...graph.root, rule: "parent", label: "", children: [graph.root] }
  const story = { format: 1, tag: "test", repo: 2, previous: 1, content: [], options: [], graph } as const
  const lines = explainText({ ...story, graph: { ...graph, root: parent } }, { width: 1000, everything: true, now: 0 })
  return lines.at(-1) ?? ""
}

const placeOf = (path: Change["path"]) => path.join(".")

describe.each([...allRules])("a node of %s", (_, rule) => {
  const changes = changesOf(rule.input)

  it.each(changes.map((change) => [placeOf(change.path), change] as const))(
    "says that its %s changed, and shows no digest",
    async (__, change) => {
      const line = await said(rule, change)
      expect(line).toContain(`${change.path[0]}`)
      expect(line).not.toMatch(/[0-9a-f]{32}|undefined|\[object/)
      expect(line.replace(/^.* ran 1 ms +/, "")).toMatch(/→|changed$/)
    }
  )
})
