import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { canonicalJson, digestOf, hashOf, type NodeRecord } from "../../graph/index.ts"
import { batchesOf, linesOf, outputIn, type ResultBatch, traceIn } from "../../graph/result-batch.ts"
import type { RuleRecord } from "../../graph/store.ts"

const ruleNamed = (name: string): RuleRecord => ({
  fingerprint: hashOf(digestOf(Buffer.from(name))),
  name,
  version: 1,
  tools: {},
  needs: []
})

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex"))
const json = fc.jsonValue().map((value) => JSON.stringify(value))
const name = fc.stringMatching(/^[a-z-]{1,12}$/)
const label = fc.string({ unit: "grapheme" }).filter((text) => !/[\t\n]/.test(text))

const node: fc.Arbitrary<NodeRecord> = fc.record({
  key,
  rule: fc.constantFrom(ruleNamed("one"), ruleNamed("another")),
  input: json,
  output: json,
  demands: fc.array(fc.record({ rule: name, label, key }), { maxLength: 4 }),
  run: fc.integer({ min: 1, max: 3 }),
  ownMs: fc.nat(10 ** 9).map((microseconds) => microseconds / 1000),
  rerun: fc.constantFrom(null, "forced" as const, "output-lost" as const)
})

/** The nodes of a batch, from what would be stored of it. */
const nodesIn = ({ nodes, outputs, rule, run, traces }: ResultBatch): ReadonlyArray<unknown> =>
  nodes.map(({ key }, slot) => ({
    key,
    rule,
    run,
    output: outputIn(linesOf(outputs)?.[slot], key),
    ...traceIn(linesOf(traces)?.[slot] ?? "")
  }))

describe("batches of results", () => {
  it("give every node back as it was", () => {
    fc.assert(
      fc.property(fc.uniqueArray(node, { selector: ({ key }) => key, maxLength: 40 }), (nodes) => {
        const back = batchesOf(nodes).flatMap(nodesIn)
        expect(back).toHaveLength(nodes.length)
        expect(back).toEqual(expect.arrayContaining(nodes))
      })
    )
  })

  it("are each of one rule and run, in the order in which nodes came, and sum up their times", () => {
    fc.assert(
      fc.property(fc.array(node, { maxLength: 40 }), (nodes) => {
        for (const batch of batchesOf(nodes)) {
          const same = nodes.filter(({ rule, run }) => rule.name === batch.rule.name && run === batch.run)
          expect(batch.nodes).toEqual(same)
          expect(batch.ownMs).toBeCloseTo(same.reduce((sum, { ownMs }) => sum + ownMs, 0))
        }
      })
    )
  })

  it("stay of a size that is quick to expand", () => {
    const nodes = (count: number, input: string): ReadonlyArray<NodeRecord> =>
      Array.from({ length: count }, (_, i) => ({
        key: hashOf(digestOf(Buffer.from(String(i)))),
        rule: ruleNamed("one"),
        input,
        output: "1",
        demands: [],
        run: 1,
        ownMs: 0,
        rerun: null
      }))
    const lengths = (batches: ReadonlyArray<ResultBatch>) => batches.map((batch) => batch.nodes.length)
    expect(lengths(batchesOf(nodes(2500, "{}")))).toEqual([1000, 1000, 500])
    expect(lengths(batchesOf(nodes(5, canonicalJson("x".repeat(300_000)))))).toEqual([2, 2, 1])
  })

  it("take what nodes have in common but once", () => {
    const input = (i: number) =>
      canonicalJson({ file: digestOf(Buffer.from(String(i))), package: `package-${i}.noarch` })
    const [batch] = batchesOf(
      Array.from({ length: 500 }, (_, i) => ({
        key: hashOf(digestOf(Buffer.from(`key ${i}`))),
        rule: ruleNamed("one"),
        input: input(i),
        output: canonicalJson({ _tag: "Good", fragments: digestOf(Buffer.from(`fragments ${i}`)) }),
        demands: [],
        run: 1,
        ownMs: i / 1000,
        rerun: null
      }))
    )
    // 32 bytes of a digest in each, and half a key in the outputs
    expect(batch?.outputs.length).toBeLessThan(500 * 58)
    expect(batch?.traces.length).toBeLessThan(500 * 48)
  })

  it("say that they are damaged, and that a line is another node's", () => {
    const [one, other] = [0, 1].map((i) => hashOf(digestOf(Buffer.from(String(i)))))
    const nodes = [one, other].map((key = "") => ({
      key,
      rule: ruleNamed("one"),
      input: "{}",
      output: "1",
      demands: [],
      run: 1,
      ownMs: 0,
      rerun: null
    }))
    const [batch] = batchesOf(nodes)
    const stored = batch?.outputs ?? new Uint8Array(0)
    expect(outputIn(linesOf(stored)?.[0], one ?? "")).toBe("1")
    expect(outputIn(linesOf(stored)?.[1], one ?? "")).toBeUndefined()
    expect(outputIn(linesOf(stored)?.[2], one ?? "")).toBeUndefined()
    for (const bit of Array(8 * stored.length).keys()) {
      const damaged = Uint8Array.from(stored)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect([undefined, linesOf(stored)]).toContainEqual(linesOf(damaged))
    }
  })
})
