import { Effect, Schema } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import { action, DigestOf, ExternalFiles, need, needAll, type Plan, plan, readBlob } from "../../graph/index.ts"
import { NoWords, Text } from "./toy.ts"

const One = Schema.Struct({ text: DigestOf(Text) })
const spec = { version: 1, input: One, output: Schema.Int, label: () => "" }

const Count = action("count", {
  ...spec,
  error: NoWords,
  run: ({ text }) =>
    Effect.flatMap(readBlob(Text, text), (read) =>
      read === "" ? Effect.fail(new NoWords({ name: "it" })) : Effect.succeed(read.length)
    )
})
const Double = action("double", {
  ...spec,
  input: Schema.Struct({ n: Schema.Int }),
  run: ({ n }) => Effect.succeed(n * 2)
})

// Each `@ts-expect-error` is a test of its own: the type check fails where the line under it compiles.
describe("the compiler", () => {
  it("knows a plan's errors: those of the rules that it asks for, less those that it recovers from", () => {
    const Strict = plan("strict", { ...spec, needs: [Count], run: (input) => need(Count, input) })
    expectTypeOf(Strict).toEqualTypeOf<Plan<"strict", typeof One.Type, number, NoWords>>()
    // @ts-expect-error a hidden error
    const hidden: Plan<"strict", typeof One.Type, number, never> = Strict
    const Lenient = plan("lenient", {
      ...spec,
      needs: [Count],
      run: (input) => Effect.catchTag(need(Count, input), "NoWords", () => Effect.succeed(0))
    })
    expectTypeOf(Lenient).toEqualTypeOf<Plan<"lenient", typeof One.Type, number, never>>()
    return hidden
  })

  it("refuses a plan that asks for a rule outside its needs", () => {
    // @ts-expect-error `double` is not in needs
    plan("undeclared", { ...spec, needs: [Count], run: () => need(Double, { n: 1 }) })
    // @ts-expect-error nor is it among many
    plan("undeclared", { ...spec, needs: [Count], run: () => Effect.map(needAll(Double, []), () => 1) })
    plan("declared", { ...spec, needs: [Count, Double], run: () => need(Double, { n: 1 }) })
  })

  it("refuses an action that asks", () => {
    // @ts-expect-error an action asks for nothing
    action("nosy", { ...spec, run: () => need(Double, { n: 1 }) })
  })

  it("refuses an action whose error is not declared, for it has to cross threads", () => {
    // @ts-expect-error no schema for NoWords
    action("silent", { ...spec, run: () => Effect.fail(new NoWords({ name: "it" })) })
  })

  it("refuses a plan that opens files", () => {
    const paths = (input: typeof One.Type) => Effect.flatMap(ExternalFiles, (files) => files.paths([input.text]))
    // @ts-expect-error only actions read external files
    plan("opener", { ...spec, needs: [], run: (input) => Effect.map(paths(input), (found) => found.length) })
    action("opener", { ...spec, run: (input) => Effect.map(paths(input), (found) => found.length) })
  })

  it("refuses wrong inputs, and a blob of another codec", () => {
    // @ts-expect-error not a digest
    need(Count, { text: "words" })
    // @ts-expect-error a missing field
    needAll(Double, [{}])
    const plain = DigestOf(Text)
    expectTypeOf<typeof plain.Type>().not.toEqualTypeOf<string>()
  })

  it("refuses a service that the engine does not provide, such as the file system", () => {
    class Clock extends Effect.Service<Clock>()("test/Clock", { succeed: { now: 1 } }) {}
    // @ts-expect-error Clock is not for rules
    action("timed", { ...spec, run: () => Effect.map(Clock, ({ now }) => now) })
  })
})
