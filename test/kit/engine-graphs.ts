import { Effect, FastCheck as fc, Schema } from "effect"
import {
  action,
  type BlobCodec,
  blobCodec,
  DigestOf,
  digestOf,
  need,
  needAll,
  plan,
  type Reference,
  type Rule,
  readBlob,
  writeBlob
} from "../../graph/index.ts"

/** What a random graph computes: a number that stands there, or an operation over what other trees give. */
export type Tree = number | { readonly op: Operation; readonly parts: ReadonlyArray<Tree> }

const operations = ["sum", "product", "longest", "choose", "refuse-nines"] as const
type Operation = (typeof operations)[number]

/** How deep a tree may be: a rule asks only for rules below it, so each level has its own. */
const levels = 4

/** A part is stored before its whole, so a tree's blob names those of its parts. */
const TreeBlob: BlobCodec<Tree> = blobCodec({
  name: "tree",
  encode: (tree) => Buffer.from(encodeTree(tree)),
  decode: (bytes) => decodeTree(Buffer.from(bytes).toString()),
  references: (tree) => partsOf(tree).map((part): Reference => ({ digest: treeDigest(part), codec: TreeBlob }))
})
const encodeTree = (tree: Tree): string => JSON.stringify(tree)
const decodeTree = (text: string): Tree => Schema.decodeUnknownSync(Schema.parseJson(TreeSchema))(text)
const TreeSchema: Schema.Schema<Tree> = Schema.Union(
  Schema.Int,
  Schema.Struct({ op: Schema.Literal(...operations), parts: Schema.Array(Schema.suspend(() => TreeSchema)) })
)
const partsOf = (tree: Tree): ReadonlyArray<Tree> => (typeof tree === "number" ? [] : tree.parts)

export const treeDigest = (tree: Tree): DigestOf<Tree> => digestOf(TreeBlob.encode(tree)) as DigestOf<Tree> // the codec made these bytes

/** Every tree below a tree and itself, as a source would store them. */
export const storeTree = (give: (codec: BlobCodec<Tree>, tree: Tree) => void, tree: Tree): void => {
  for (const part of partsOf(tree)) storeTree(give, part)
  give(TreeBlob, tree)
}

export const NumberBlob = blobCodec<number>({
  name: "number",
  encode: (value) => Buffer.from(`n${value}`),
  decode: (bytes) => Number(Buffer.from(bytes).toString().slice(1))
})

class Refused extends Schema.TaggedError<Refused>()("Refused", { values: Schema.Array(Schema.Int) }) {
  override get message(): string {
    return `there is a nine among ${this.values.join(", ")}`
  }
}

const Result = Schema.Struct({ value: DigestOf(NumberBlob) })

const Compute = action("compute", {
  version: 1,
  input: Schema.Struct({ op: Schema.Literal(...operations), values: Schema.Array(DigestOf(NumberBlob)) }),
  output: Result,
  error: Refused,
  label: ({ op, values }) => `${op} ${values.map((value) => value.slice(0, 6)).join(" ")}`,
  run: ({ op, values }) =>
    Effect.gen(function* () {
      const numbers = yield* Effect.forEach(values, (value) => readBlob(NumberBlob, value))
      const value = operate(op, numbers)
      return value === undefined
        ? yield* new Refused({ values: numbers })
        : { value: yield* writeBlob(NumberBlob, value) }
    })
})

const Given = action("given", {
  version: 1,
  input: Schema.Struct({ value: Schema.Int }),
  output: Result,
  label: ({ value }) => String(value),
  run: ({ value }) => Effect.map(writeBlob(NumberBlob, value), (digest) => ({ value: digest }))
})

type Level = Rule<"level", { readonly tree: DigestOf<Tree> }, typeof Result.Type, Refused>

/** `choose` asks for one part, and then for another that depends on what the first gave; the rest ask for all parts at once. */
const level = (depth: number): Level => {
  const below: ReadonlyArray<Level> = depth === 0 ? [] : [level(depth - 1)]
  // Each level is a rule of its own; one type for all of them keeps the recursion simple.
  const name = `level-${depth}` as "level"
  return plan(name, {
    version: 1,
    needs: [Given, Compute, ...below],
    input: Schema.Struct({ tree: DigestOf(TreeBlob) }),
    output: Result,
    label: ({ tree }) => tree.slice(0, 12),
    run: ({ tree }) =>
      Effect.gen(function* () {
        const read = yield* readBlob(TreeBlob, tree)
        if (typeof read === "number") return yield* need(Given, { value: read })
        const [deeper] = below
        if (deeper === undefined) return yield* Effect.dieMessage("the tree is too deep")
        const ask = (parts: ReadonlyArray<Tree>) =>
          needAll(
            deeper,
            parts.map((part) => ({ tree: treeDigest(part) }))
          )
        const [first, ...others] = read.parts
        if (read.op !== "choose" || first === undefined) {
          const values = yield* ask(read.parts)
          return yield* need(Compute, { op: read.op, values: values.map(({ value }) => value) })
        }
        const [chooser] = yield* ask([first])
        const index = chooser === undefined ? 0 : yield* readBlob(NumberBlob, chooser.value)
        const chosen = yield* ask(chosenBy(index, others))
        return yield* need(Compute, { op: read.op, values: chosen.map(({ value }) => value) })
      })
  })
}

export const RootLevel = level(levels - 1)

const chosenBy = (index: number, others: ReadonlyArray<Tree>): ReadonlyArray<Tree> =>
  others.length === 0 ? [] : others.slice(index % others.length).slice(0, 1)

const operate = (op: Operation, values: ReadonlyArray<number>): number | undefined => {
  if (op === "sum" || op === "choose") return values.reduce((a, b) => (a + b) % 100, 0)
  if (op === "product") return values.reduce((a, b) => (a * b) % 100, 1)
  if (op === "longest") return Math.max(0, ...values.map((value) => String(value).length))
  return values.includes(9) ? undefined : values.length
}

/** The rules again, as plain functions: what a tree gives, and which nodes a run must compute, given what earlier runs have. */
export const graphModel = () => {
  const done = new Map<string, number>()

  const run = (root: Tree) => {
    const ran: Array<string> = []
    const refused = new Set<string>()
    const once = (node: string, body: () => number | undefined): number | undefined => {
      const known = done.get(node)
      if (known !== undefined) return known
      const value = body()
      if (value !== undefined) {
        done.set(node, value)
        ran.push(node)
      }
      return value
    }
    const compute = (op: Operation, values: ReadonlyArray<number>): number | undefined => {
      const named = values.map((value) => digestOf(NumberBlob.encode(value)).slice(0, 6))
      const node = `compute ${op} ${named.join(" ")}`.trimEnd()
      const value = once(node, () => operate(op, values))
      if (value === undefined) refused.add(node)
      return value
    }
    const evaluate = (tree: Tree, depth: number): number | undefined =>
      once(`level-${depth} ${treeDigest(tree).slice(0, 12)}`, () => {
        if (typeof tree === "number") return once(`given ${tree}`, () => tree)
        const ask = (parts: ReadonlyArray<Tree>) => allOf(parts.map((part) => evaluate(part, depth - 1)))
        const [first, ...others] = tree.parts
        if (tree.op !== "choose" || first === undefined) {
          const values = ask(tree.parts)
          return values && compute(tree.op, values)
        }
        const index = evaluate(first, depth - 1)
        const values = index === undefined ? undefined : ask(chosenBy(index, others))
        return values && compute(tree.op, values)
      })
    const value = evaluate(root, levels - 1)
    return { value, ran: ran.sort(), refused: [...refused].sort() }
  }
  return { run }
}

const allOf = (values: ReadonlyArray<number | undefined>): ReadonlyArray<number> | undefined => {
  const present = values.filter((value) => value !== undefined)
  return present.length === values.length ? present : undefined
}

const leaf = fc.integer({ min: 0, max: 12 })
const treeOf = (depth: number): fc.Arbitrary<Tree> =>
  depth === 0
    ? leaf
    : fc.oneof(
        { weight: 1, arbitrary: leaf },
        {
          weight: 3,
          arbitrary: fc.record({
            op: fc.constantFrom(...operations),
            parts: fc.array(treeOf(depth - 1), { maxLength: 4 })
          })
        }
      )

/** A tree, and how it changes from run to run: each change sets a few of its leaves, in the order of a walk. */
export const histories = fc
  .tuple(
    treeOf(levels - 1),
    fc.array(fc.array(fc.tuple(fc.nat({ max: 40 }), leaf), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 5
    })
  )
  .map(([tree, changes]) => {
    const trees = [tree]
    for (const change of changes) trees.push(changed(trees.at(-1) ?? tree, new Map(change)))
    return trees
  })

const changed = (tree: Tree, leaves: ReadonlyMap<number, number>): Tree => {
  let at = 0
  const walk = (part: Tree): Tree => {
    if (typeof part !== "number") return { op: part.op, parts: part.parts.map(walk) }
    at += 1
    return leaves.get(at - 1) ?? part
  }
  return walk(tree)
}
