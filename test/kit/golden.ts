import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { Effect, Schema } from "effect"
import { afterAll, describe, it } from "vitest"
import {
  type AnyRule,
  Blobs,
  canonicalJson,
  type Digest,
  digestOf,
  fingerprint,
  type Rule,
  rulesUnder
} from "../../graph/index.ts"
import { engineKit } from "./engine-kit.ts"

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
  const writing = process.env["DISTGRAPH_WRITE_GOLDEN"] !== undefined
  describe(`the outputs of ${rule.name}`, () => {
    const fresh = new Map<string, Digest>()
    for (const name of Object.keys(cases)) {
      it(`for ${name} are those recorded under its version`, async () => {
        const digest = await outputDigest(options, name)
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
      if (writing && fresh.size === Object.keys(cases).length) writeGolden(file, rule, fresh)
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
  const blobs: Blobs["Type"] = {
    read: (digest) => Effect.orDie(kit.store.blob(digest)),
    write: (bytes) => Effect.orDie(kit.store.putBlob(bytes))
  }
  const input = await Effect.runPromise(
    Effect.provideService(cases[name] ?? Effect.dieMessage(`no case is named ${name}`), Blobs, blobs)
  )
  const { root } = await kit.evaluated(rule, input)
  const node = await Effect.runPromise(kit.store.node(root))
  return digestOf(Buffer.from(canonicalJson(JSON.parse(node?.output ?? "null"))))
}
