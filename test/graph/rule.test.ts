import { Effect, Either, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { action, plan } from "../../graph/index.ts"
import { NoWords, toy } from "./toy.ts"

describe("the errors of a rule", () => {
  const { CountLibrary, CountWords } = toy()
  const spec = {
    version: 1,
    input: Schema.Struct({}),
    output: Schema.Int,
    label: () => "",
    run: () => Effect.succeed(1)
  }

  it("cross threads as JSON, where the rule is an action", () => {
    const encoded = Either.map(
      CountWords.errors?.encode(new NoWords({ name: "a" })) ?? Either.right(null),
      JSON.stringify
    )
    const sent = Either.getOrThrow(encoded)
    expect(JSON.parse(sent)).toEqual({ _tag: "NoWords", name: "a" })
    const received = CountWords.errors?.decode(JSON.parse(sent))
    expect(received).toEqual(Either.right(new NoWords({ name: "a" })))
  })

  it("are those of its schema and no others", () => {
    expect(CountWords.errors?.encode(new Error("another"))).toMatchObject({ _tag: "Left" })
    expect(CountWords.errors?.decode({ _tag: "Another" })).toMatchObject({ _tag: "Left" })
  })

  it("are none where an action declares none", () => {
    expect(action("sure", spec).errors?.encode(new NoWords({ name: "a" }))).toMatchObject({ _tag: "Left" })
  })

  it("need no schema where the rule is a plan: they are those of the actions below it and its own", () => {
    expect(CountLibrary.errors).toBeNull()
    expect(plan("sure", { ...spec, needs: [] }).errors).toBeNull()
  })
})
