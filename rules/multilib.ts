import { Effect, Either, Schema } from "effect"
import {
  action,
  type BlobCodec,
  type DigestOf as BlobOf,
  blobCodec,
  DigestOf,
  need,
  needAll,
  plan,
  readBlob,
  writeBlob
} from "../graph/index.ts"
import { type MultilibConfig, multilibReason, parseMultilibConfig } from "../src/koji/multilib.ts"
import { dependencyClosure } from "../src/rpm/dependency-closure.ts"
import { nvra } from "../src/rpm/nevra.ts"
import { mapChunks, writeDerivedChunk } from "./chunk-list.ts"
import { ChunkFacts, Facts } from "./package-facts.ts"
import { ChosenChunk, type ChosenRpm, inPublishedOrder } from "./rpm-row.ts"
import { ChosenList, ChosenListDigest } from "./signed-lookup.ts"

/** python-multilib's configuration, which was found to be one when it was read. */
export const MultilibLists: BlobCodec<MultilibConfig & { readonly text: string }> = blobCodec({
  name: "multilib-config",
  encode: ({ text }) => Buffer.from(text),
  decode: (bytes) => {
    const text = Buffer.from(bytes).toString()
    return { text, ...Either.getOrThrow(parseMultilibConfig(text)) }
  }
})

/** N-V-R.A and why it is wanted. */
export const Addition = Schema.Struct({ package: Schema.String, reason: Schema.String })

/** What stands in the way of 32-bit counterparts, all of it. */
export class MultilibIncomplete extends Schema.TaggedError<MultilibIncomplete>()("MultilibIncomplete", {
  partner: Schema.String,
  missing: Schema.Array(Addition),
  unresolved: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return [
      ...this.missing.map(
        ({ package: wanted, reason }) =>
          `${wanted} is not among the ${this.partner} packages (${reason}); tag a build that has it, or name the package on the black list`
      ),
      ...this.unresolved.map((words) => `${words} among the ${this.partner} packages`)
    ].join("\n")
  }
}

const MultilibSelect = action("multilib-select", {
  version: 1,
  input: Schema.Struct({ facts: DigestOf(Facts), first: Schema.String, config: DigestOf(MultilibLists) }),
  /** Those of the chunk's packages that get a counterpart. */
  output: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      version: Schema.String,
      release: Schema.String,
      arch: Schema.String,
      reason: Schema.String
    })
  ),
  label: ({ first }) => first,
  run: ({ config, facts }) =>
    Effect.gen(function* () {
      const lists = yield* readBlob(MultilibLists, config)
      return (yield* readBlob(Facts, facts)).flatMap(({ provides, ...of }) => {
        const reason = multilibReason({ ...of, provides: provides.map(({ name }) => name) }, lists)
        const { arch, name, release, version } = of
        return reason === null ? [] : [{ name, version, release, arch, reason }]
      })
    })
})

const MultilibClosure = action("multilib-closure", {
  version: 1,
  input: Schema.Struct({
    /** Of the 32-bit packages. */
    facts: Schema.Array(DigestOf(Facts)),
    roots: Schema.Array(Addition),
    partner: Schema.String
  }),
  output: Schema.Struct({ needed: Schema.Array(Addition) }),
  error: MultilibIncomplete,
  label: ({ partner }) => partner,
  cost: ({ facts }) => 10 * facts.length,
  run: ({ facts, partner, roots }) =>
    Effect.gen(function* () {
      const packages = (yield* Effect.forEach(facts, (chunk) => readBlob(Facts, chunk))).flat()
      const byName = new Map(packages.map((of) => [nvra(of), of]))
      const missing = roots.filter((root) => !byName.has(root.package))
      const found = roots.flatMap(({ package: name, reason }) => {
        const root = byName.get(name)
        return root === undefined ? [] : [{ package: root, reason }]
      })
      const { needed, unresolved } = dependencyClosure(packages, found)
      if (missing.length + unresolved.length > 0) return yield* new MultilibIncomplete({ partner, missing, unresolved })
      return { needed: needed.map(({ package: of, reason }) => ({ package: nvra(of), reason })) }
    })
})

/**
 * The rpms of a 64-bit repository, and those of the 32-bit one that programs of that length need on the same system: counterparts of
 * libraries and of what is built with, and all that these need. Follows what Koji's builder means to do.
 */
export const Multilib = plan("multilib", {
  version: 1,
  needs: [ChunkFacts, MultilibSelect, MultilibClosure],
  input: Schema.Struct({
    /** Of the 64-bit repository. */
    arch: Schema.String,
    /** The list that both sets were taken from. */
    chosen: ChosenListDigest,
    set: ChosenListDigest,
    /** The rpm arch of the counterparts, and their repository's rpms. */
    partner: Schema.String,
    partnerSet: ChosenListDigest,
    config: DigestOf(MultilibLists),
    changelogLimit: Schema.Int
  }),
  output: Schema.Struct({ set: ChosenListDigest, additions: Schema.Array(Addition) }),
  label: ({ arch }) => arch,
  run: ({ changelogLimit, chosen, config, partner, partnerSet, set }) =>
    Effect.gen(function* () {
      const own = yield* readBlob(ChosenList, set)
      const others = yield* readBlob(ChosenList, partnerSet)
      const factsOf = (list: typeof own) =>
        needAll(
          ChunkFacts,
          list.map(({ chunk, first }) => ({ chunk, first, changelogLimit }))
        )
      const facts = yield* factsOf(own)
      const selected = yield* needAll(
        MultilibSelect,
        facts.map((chunk, index) => ({ facts: chunk, first: own[index]?.first ?? "", config }))
      )
      const roots = selected.flat().map(({ reason, ...of }) => ({
        package: nvra({ ...of, arch: of.arch === "noarch" ? of.arch : partner }),
        reason: `for ${nvra(of)}: ${reason}`
      }))
      if (roots.length === 0) return { set, additions: [] }
      const { needed } = yield* need(MultilibClosure, { facts: yield* factsOf(others), roots, partner })
      const wanted = new Map(needed.map((addition) => [addition.package, addition]))
      const added: Array<typeof Addition.Type> = []
      const whole = yield* readBlob(ChosenList, chosen)
      const ofOwn = new Map(own.map((ref) => [ref.first, ref]))
      const ofOthers = new Map(others.map((ref) => [ref.first, ref]))
      const merged = yield* Effect.forEach(whole, ({ first }) =>
        Effect.gen(function* () {
          const [ref, other] = [ofOwn.get(first), ofOthers.get(first)]
          const rpms = yield* rowsOf(ref)
          const present = new Set(rpms.map(nvra))
          const additions = (yield* rowsOf(other)).filter((rpm) => wanted.has(nvra(rpm)) && !present.has(nvra(rpm)))
          if (additions.length === 0) return ref ?? null
          added.push(...additions.flatMap((rpm) => wanted.get(nvra(rpm)) ?? []))
          const marked = additions.map((rpm) => ({ ...rpm, multilib: true }))
          return yield* writeDerivedChunk(ChosenChunk, inPublishedOrder([...rpms, ...marked]))
        })
      )
      return { set: yield* writeBlob(ChosenList, mapChunks(whole, merged)), additions: added }
    })
})

const rowsOf = (ref: { readonly chunk: BlobOf<ReadonlyArray<ChosenRpm>> } | undefined) =>
  ref === undefined ? Effect.succeed([]) : readBlob(ChosenChunk, ref.chunk)
