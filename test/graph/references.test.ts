import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { closureOf } from "../../graph/closure.ts"
import {
  type BlobCodec,
  Bytes,
  blobCodec,
  DigestOf,
  digestOf,
  emptyContents,
  isDigest,
  memoryStore,
  type Reference
} from "../../graph/index.ts"
import { referencesIn } from "../../graph/references.ts"

const digest = (name: string) => digestOf(Buffer.from(name))
const [a, b, c] = [digest("a"), digest("b"), digest("c")]
const Named = blobCodec({ name: "named", encode: (text: string) => Buffer.from(text), decode: String })
const A = DigestOf(Named)
const B = DigestOf(Bytes)

const found = <I>(schema: Schema.Schema<never, I> | Schema.Schema.Any, value: unknown) =>
  referencesIn(schema.ast, value).map((reference) => `${reference.codec.name} ${reference.digest.slice(0, 8)}`)
const named = (of: string) => `named ${of.slice(0, 8)}`
const bytes = (of: string) => `bytes ${of.slice(0, 8)}`

describe("the references of a value", () => {
  class Boxed extends Schema.Class<Boxed>("Boxed")({ inside: A }) {}
  interface Nested {
    readonly file: typeof A.Type
    readonly next: Nested | null
  }
  interface NestedEncoded {
    readonly file: string
    readonly next: NestedEncoded | null
  }
  const Chain: Schema.Schema<Nested, NestedEncoded> = Schema.Struct({
    file: A,
    next: Schema.NullOr(Schema.suspend(() => Chain))
  })

  it.each([
    ["a field", Schema.Struct({ x: A, y: B, z: Schema.String }), { x: a, y: b, z: c }, [named(a), bytes(b)]],
    ["the value itself", A, a, [named(a)]],
    ["a list", Schema.Array(A), [a, b], [named(a), named(b)]],
    ["a tuple", Schema.Tuple(A, Schema.Int, B), [a, 1, b], [named(a), bytes(b)]],
    ["a record", Schema.Record({ key: Schema.String, value: A }), { p: a, q: b }, [named(a), named(b)]],
    ["an optional field", Schema.Struct({ x: Schema.optional(A) }), { x: a }, [named(a)]],
    ["an absent field", Schema.Struct({ x: Schema.optional(A) }), {}, []],
    ["null", Schema.NullOr(A), null, []],
    ["a nullable field", Schema.Struct({ x: Schema.NullOr(A) }), { x: a }, [named(a)]],
    ["a class", Boxed, { inside: a }, [named(a)]],
    ["a recursive schema", Chain, { file: a, next: { file: b, next: null } }, [named(a), named(b)]],
    [
      "a default",
      Schema.Struct({ x: Schema.optionalWith(A, { default: () => Schema.decodeSync(A)(a) }) }),
      { x: b },
      [named(b)]
    ],
    ["a digest with no codec", Schema.Struct({ x: Schema.String }), { x: a }, []]
  ])("are found in %s", (_, schema, value, expected) => {
    expect(found(schema, value)).toEqual(expected)
  })

  it("are those of the member of a union that the value is of", () => {
    const Either = Schema.Union(
      Schema.Struct({ kind: Schema.Literal("a"), file: A }),
      Schema.Struct({ kind: Schema.Literal("b"), file: B })
    )
    expect(found(Either, { kind: "a", file: a })).toEqual([named(a)])
    expect(found(Either, { kind: "b", file: a })).toEqual([bytes(a)])
  })
})

describe("the closure of a value", () => {
  const List: BlobCodec<ReadonlyArray<string>> = blobCodec({
    name: "list",
    encode: (items) => Buffer.from(items.join("\n")),
    decode: (bytes) =>
      Buffer.from(bytes)
        .toString()
        .split("\n")
        .filter((line) => line !== ""),
    references: (items) =>
      items.map((item): Reference => {
        if (!isDigest(item)) throw new Error("not a list")
        return { digest: item, codec: Bytes }
      })
  })
  const setUp = () => {
    const contents = emptyContents()
    const store = memoryStore(contents)
    const put = (text: string) => Effect.runSync(store.putBlob(Buffer.from(text)))
    const firstMissing = (list: string) =>
      Effect.runSync(closureOf(store).firstMissing(Schema.Struct({ list: DigestOf(List) }).ast, { list }))
    return { contents, put, firstMissing }
  }

  it("is whole where every blob that it names, and that those name, is there", () => {
    const { firstMissing, put } = setUp()
    expect(firstMissing(put(`${put("one")}\n${put("two")}`))).toBeUndefined()
  })

  it("tells the first blob that is missing or damaged, at any depth", () => {
    const { contents, firstMissing, put } = setUp()
    const one = put("one")
    const list = put(`${one}\n${digest("two")}`)
    expect(firstMissing(list)).toMatchObject({ digest: digest("two"), damaged: false })
    contents.blobs.set(one, Buffer.from("other"))
    expect(firstMissing(list)).toMatchObject({ digest: one, damaged: true })
    expect(firstMissing(digest("three"))).toMatchObject({ digest: digest("three"), damaged: false })
  })

  it("counts a blob that its codec no longer reads as damaged", () => {
    const { firstMissing, put } = setUp()
    const list = put("of an older format")
    expect(firstMissing(list)).toMatchObject({ digest: list, damaged: true })
  })
})
