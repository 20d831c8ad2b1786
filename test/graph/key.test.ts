import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { type AnyRule, action, fingerprint, plan, rulesUnder } from "../../graph/index.ts"
import { nodeKey } from "../../graph/key.ts"

const spec = { input: Schema.Struct({}), output: Schema.Int, label: () => "", run: () => Effect.succeed(1) }
const leaf = (version = 1, tools = {}) => action("leaf", { ...spec, version, tools })
const parent = (needs: ReadonlyArray<AnyRule>, version = 1) => plan("parent", { ...spec, version, needs })

describe("a rule's fingerprint", () => {
  it("is the sha256 of the key format, name, version, tools and the fingerprints of its needs", () => {
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
    const of = sha256('[1,"leaf",2,{"zlib":"1.3"},[]]')
    expect(fingerprint(leaf(2, { zlib: "1.3" }))).toBe(of)
    expect(fingerprint(parent([leaf(2, { zlib: "1.3" })], 5))).toBe(sha256(`[1,"parent",5,{},["${of}"]]`))
  })

  it("is another for any change in the rule or below it, and for no other reason", () => {
    const variants = [
      parent([leaf()]),
      parent([leaf()], 2),
      parent([leaf(2)]),
      parent([leaf(1, { zlib: "1.3" })]),
      parent([leaf(1, { zlib: "1.4" })]),
      parent([])
    ]
    expect(new Set(variants.map(fingerprint)).size).toBe(variants.length)
    expect(fingerprint(parent([leaf()]))).toBe(fingerprint(parent([leaf()])))
  })
})

it("a node's key is the sha256 of the rule's fingerprint and the input's canonical JSON", () => {
  const expected = createHash("sha256")
    .update(`${fingerprint(leaf())}{"a":1}`)
    .digest("hex")
  expect(nodeKey(leaf(), '{"a":1}')).toBe(expected)
})

it("the rules under a rule are found by name, each once, itself among them", () => {
  const shared = leaf()
  const left = plan("left", { ...spec, version: 1, needs: [shared] })
  const top = plan("top", { ...spec, version: 1, needs: [left, shared] })
  expect([...rulesUnder(top).keys()]).toEqual(["top", "left", "leaf"])
})
