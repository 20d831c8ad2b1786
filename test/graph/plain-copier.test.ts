import { Arbitrary, Either, FastCheck as fc, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Bytes, canonicalJson, DigestOf } from "../../graph/index.ts"
import { notOfSchema, plainCopier } from "../../graph/plain-copier.ts"

const Package = Schema.Struct({
  package: Schema.String,
  file: DigestOf(Bytes),
  key: Schema.NullOr(Schema.String),
  limit: Schema.Int,
  base: Schema.optionalWith(Schema.String, { exact: true }),
  note: Schema.optional(Schema.Boolean),
  kind: Schema.Literal("gz", "zstd")
})
const Outcome = Schema.Union(
  Schema.TaggedStruct("Good", { at: Schema.Array(Schema.Struct({ z: Schema.Int, a: Schema.Array(Schema.String) })) }),
  Schema.TaggedStruct("Bad", { reason: Schema.String })
)
const schemas: ReadonlyArray<readonly [string, Schema.Schema.AnyNoContext]> = [
  ["a struct", Package],
  ["a union of tagged structs", Outcome],
  ["a list", Schema.Array(Package)],
  ["a number", Schema.Number],
  ["a refined struct", Package.pipe(Schema.filter(({ limit }) => limit % 2 === 0))]
]
const copierOf = (schema: Schema.Schema.AnyNoContext, form: "declared" | "canonical") => {
  const copier = plainCopier(schema.ast, form)
  if (copier === undefined) throw new Error("the schema is not plain")
  return copier
}
/** Values of the schema, values with one part replaced by something else, and values with fields that it does not know. */
const nearlyOf = (schema: Schema.Schema.AnyNoContext): fc.Arbitrary<unknown> => {
  const other = fc.constantFrom(undefined, null, -0, 0.5, "", [], {}, true)
  const damage = (value: unknown, [at, part]: readonly [number, unknown]): unknown => {
    if (typeof value !== "object" || value === null) return part
    const entries = Object.entries(value)
    const [name, old] = entries[at % Math.max(1, entries.length)] ?? ["none", undefined]
    const changed = { ...value, [name]: at % 2 === 0 ? part : damage(old, [at >> 1, part]) }
    return Array.isArray(value) ? Object.values(changed) : changed
  }
  const values = Arbitrary.make(schema)
  return fc.oneof(
    values,
    fc.tuple(values, fc.nat(64), other).map(([value, at, part]) => damage(value, [at, part])),
    values.map((value) =>
      typeof value === "object" && !Array.isArray(value) ? { unknown: 1, ...value, more: [value] } : value
    )
  )
}

describe("the copier of a plain schema", () => {
  it.each(schemas)("accepts and copies what the schema does: %s", (_, schema) => {
    const copier = copierOf(schema, "declared")
    fc.assert(
      fc.property(nearlyOf(schema), (value) => {
        for (const convert of [Schema.decodeUnknownEither(schema), Schema.encodeUnknownEither(schema)]) {
          const converted = Either.getOrElse(convert(value), () => notOfSchema)
          const copy = copier(value)
          expect(copy).toStrictEqual(converted)
          if (copy !== notOfSchema) expect(JSON.stringify(copy)).toBe(JSON.stringify(converted))
        }
      })
    )
  })

  it.each(schemas)("makes a copy that prints as canonical JSON, or none: %s", (_, schema) => {
    const copier = copierOf(schema, "canonical")
    fc.assert(
      fc.property(nearlyOf(schema), (value) => {
        const text = Either.flatMap(Schema.encodeUnknownEither(schema)(value), (encoded) =>
          Either.try(() => canonicalJson(encoded))
        )
        const copy = copier(value)
        expect(copy === notOfSchema ? notOfSchema : JSON.stringify(copy)).toBe(
          Either.getOrElse(text, () => notOfSchema)
        )
      })
    )
  })

  it.each<readonly [string, Schema.Schema.AnyNoContext]>([
    ["transforms", Schema.Struct({ time: Schema.DateFromString })],
    ["has any number of fields", Schema.Record({ key: Schema.String, value: Schema.String })],
    ["has fields that are numbers", Schema.Struct({ b: Schema.String, 1: Schema.String })],
    ["is of a fixed length", Schema.Tuple(Schema.String, Schema.Int)],
    [
      "copies a value as the first that fits",
      Schema.Union(Schema.Struct({ a: Schema.String }), Schema.Struct({ a: Schema.String, b: Schema.String }))
    ]
  ])("is not there for a schema that %s", (_, schema) => {
    expect(plainCopier(schema.ast, "declared")).toBeUndefined()
    expect(plainCopier(schema.ast, "canonical")).toBeUndefined()
  })
})
