import { expect, it } from "vitest"
import { openNodes } from "../../src/telemetry/open-nodes.ts"

it("what is remembered of a node is given back when it ends, of nodes with one name in the order in which they began", () => {
  const nodes = openNodes<number>()
  nodes.add({ rule: "a", label: "b c" }, 1)
  nodes.add({ rule: "a", label: "x" }, 2)
  nodes.add({ rule: "a", label: "x" }, 3)
  nodes.add({ rule: "a b", label: "c" }, 4)
  expect(nodes.take({ rule: "a", label: "x" })).toBe(2)
  expect([...nodes.values()].sort()).toEqual([1, 3, 4])
  expect(nodes.take({ rule: "a", label: "x" })).toBe(3)
  expect(nodes.take({ rule: "a", label: "x" })).toBe(undefined)
  expect(nodes.take({ rule: "a b", label: "c" })).toBe(4)
  expect(nodes.take({ rule: "a", label: "b c" })).toBe(1)
})
