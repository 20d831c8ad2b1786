import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import {
  type AnyRule,
  Blobs,
  canonicalJson,
  type Digest,
  digestOf,
  emptyContents,
  fingerprint,
  type Rule,
  rulesUnder
} from "../../graph/index.ts"
import { engineKit } from "./engine-kit.ts"
import { openMemory } from "./engine-stores.ts"

export interface GoldenOptions<I, O, E> {
  /** Path of the `.golden.json`; several rules may share one. */
  readonly file: string
  readonly rule: Rule<string, I, O, E>
  /** Fixed inputs by name, each made together with the blobs that it names. */
  readonly cases: Readonly<Record<string, Effect.Effect<I, never, Blobs>>>
  /** The path of an external file. */
  readonly path?: (digest: Digest) => string | undefined
}

/**
 * Tests that a rule's outputs are those recorded under its version; where they are not, it says which version to raise. With
 * DISTGRAPH_WRITE_GOLDEN=1 it records what is new, and only then is the file written. What changed under an old version is
 * never recorded: raise the version, or delete the entry while nobody has results of it.
 */
export const golden = <I, O, E>(options: GoldenOptions<I, O, E>): void => {
  const { cases, file, rule } = options
  goldenTests(file, rule, {
    names: Object.keys(cases),
    record: async (name) => ({ name, digest: await outputDigest(options, name) })
  })
}

/** An export whose nodes are recorded, with the blobs that its input names. */
export interface GoldenRun {
  readonly root: AnyRule
  readonly run: (kit: ReturnType<typeof engineKit>) => Promise<unknown>
}

/** A run of a rule for an input that is made together with its blobs. */
export const goldenRun = <I, O, E>(root: Rule<string, I, O, E>, input: Effect.Effect<I, never, Blobs>): GoldenRun => ({
  root,
  run: async (kit) => kit.want(root, await withKitBlobs(kit, input))
})

/**
 * The same test for every rule that these runs ask for, as they ask for it: no rule is left out. A record holds for the inputs that
 * it was made with; where what makes those changes, it has to be recorded anew.
 */
export const goldenNodes = ({
  file,
  path,
  runs
}: {
  readonly file: string
  readonly path: (digest: Digest) => string | undefined
  readonly runs: ReadonlyArray<GoldenRun>
}): void => {
  const rules = new Map(runs.flatMap(({ root }) => [...rulesUnder(root)]))
  const contents = emptyContents()
  beforeAll(async () => {
    const kit = engineKit({ opened: openMemory(contents), path })
    for (const { run } of runs) await run(kit)
  })
  for (const rule of rules.values()) {
    const nodes = () =>
      [...contents.nodes.values()]
        .filter((node) => node.rule.name === rule.name)
        .toSorted((a, b) => (a.input < b.input ? -1 : 1))
    const joined = (texts: ReadonlyArray<string>) => digestOf(Buffer.from(texts.join("\n")))
    goldenTests(file, rule, {
      names: ["what exports ask of it"],
      record: async () => {
        const asked = nodes()
        if (asked.length === 0) throw new Error(`none of these runs asks for ${rule.name}: add one that does`)
        const name = `${asked.length} inputs, ${joined(asked.map(({ input }) => input)).slice(0, 16)}`
        return { name, digest: joined(asked.map(({ output }) => canonicalJson(JSON.parse(output)))) }
      }
    })
  }
}

/** The rules that have no recorded output of their version in any of these files. */
export const withoutGolden = (rules: Iterable<AnyRule>, files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const recorded = files.map(readGolden)
  return [...rules]
    .filter(({ name, version }) => !recorded.some((all) => all[name]?.some((entry) => entry.version === version)))
    .map(({ name }) => name)
}

const goldenTests = (
  file: string,
  rule: AnyRule,
  {
    names,
    record
  }: {
    readonly names: ReadonlyArray<string>
    /** The output for one of them, and the name to record it under. */
    readonly record: (name: string) => Promise<{ readonly name: string; readonly digest: Digest }>
  }
): void => {
  const writing = process.env["DISTGRAPH_WRITE_GOLDEN"] !== undefined
  describe(`the outputs of ${rule.name}`, () => {
    const fresh = new Map<string, Digest>()
    for (const each of names) {
      it(`for ${each} are those recorded under its version`, async () => {
        const { digest, name } = await record(each)
        const verdict = judge(rule, readGolden(file), name, digest)
        if (verdict._tag === "Changed") throw new Error(verdict.message)
        if (verdict._tag === "Unrecorded" && !writing) {
          if (process.env["CI"] !== undefined) throw new Error(verdict.message)
          process.stderr.write(`${verdict.message}\n`)
        }
        fresh.set(name, digest)
      })
    }
    afterAll(() => {
      if (writing && fresh.size === names.length) writeGolden(file, rule, fresh)
    })
  })
}

const Recorded = Schema.Struct({
  version: Schema.Int,
  /** Of the rule and of all below it. */
  tools: Schema.Record({ key: Schema.String, value: Schema.String }),
  /** Covers the versions of the rule and of all below it: under another one an output may differ. */
  fingerprint: Schema.String,
  /** The digest of each output; as outputs name their blobs by digest, it covers those as well. */
  cases: Schema.Record({ key: Schema.String, value: Schema.String })
})

/** By the name of the rule: one entry for each combination of tools that its outputs were recorded with. */
const GoldenFile = Schema.Record({ key: Schema.String, value: Schema.Array(Recorded) })
type GoldenFile = typeof GoldenFile.Type

type Verdict =
  | { readonly _tag: "Same" }
  | { readonly _tag: "Changed"; readonly message: string }
  | { readonly _tag: "Unrecorded"; readonly message: string }

/** Whether this is the output that is recorded for the rule as it is. */
export const judge = (rule: AnyRule, recorded: GoldenFile, name: string, digest: Digest): Verdict => {
  const { version } = rule
  const record = recorded[rule.name]?.find((entry) => entry.fingerprint === fingerprint(rule))
  const known = record?.cases[name]
  if (known === digest) return { _tag: "Same" }
  if (known === undefined) {
    const message = `${rule.name}@${version} has no golden output for ${name} yet: run the test with DISTGRAPH_WRITE_GOLDEN=1 to record it`
    return { _tag: "Unrecorded", message }
  }
  const needed = rule.needs.length > 0 ? ", or that of the rule below it whose output changed" : ""
  const message = `the output of ${rule.name} for ${name} is another, though its version still is ${version}: raise the version of ${rule.name} to ${version + 1}${needed}`
  return { _tag: "Changed", message }
}

export const readGolden = (file: string): GoldenFile =>
  existsSync(file) ? Schema.decodeUnknownSync(Schema.parseJson(GoldenFile))(readFileSync(file, "utf8")) : {}

/** Replaces what the rule had under other versions; entries of the same version with other tools stay. */
export const writeGolden = (file: string, rule: AnyRule, digests: ReadonlyMap<string, Digest>): void => {
  const all = readGolden(file)
  const tools = Object.assign({}, ...[...rulesUnder(rule).values()].map((each) => each.tools))
  const entry = { version: rule.version, tools, fingerprint: fingerprint(rule), cases: Object.fromEntries(digests) }
  const others = (all[rule.name] ?? []).filter(
    (other) => other.version === rule.version && canonicalJson(other.tools) !== canonicalJson(tools)
  )
  const sorted = Object.entries({ ...all, [rule.name]: [...others, entry] }).sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`)
}

/** The digest of the canonical JSON of the rule's encoded output for a case. */
export const outputDigest = async <I, O, E>(
  { cases, path, rule }: Pick<GoldenOptions<I, O, E>, "cases" | "path" | "rule">,
  name: string
): Promise<Digest> => {
  const kit = engineKit(path === undefined ? {} : { path })
  const input = await withKitBlobs(kit, cases[name] ?? Effect.dieMessage(`no case is named ${name}`))
  const { root } = await kit.evaluated(rule, input)
  const node = await Effect.runPromise(kit.store.node(root))
  return digestOf(Buffer.from(canonicalJson(JSON.parse(node?.output ?? "null"))))
}

const withKitBlobs = <I>(kit: ReturnType<typeof engineKit>, input: Effect.Effect<I, never, Blobs>): Promise<I> => {
  const blobs: Blobs["Type"] = {
    read: (digest) => Effect.orDie(kit.store.blob(digest)),
    write: (bytes) => Effect.orDie(kit.store.putBlob(bytes))
  }
  return Effect.runPromise(Effect.provideService(input, Blobs, blobs))
}
