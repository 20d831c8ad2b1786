import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { digestOf, RunFailed } from "../../graph/index.ts"
import { graphModel, histories, NumberBlob, RootLevel, storeTree, type Tree, treeDigest } from "../kit/engine-graphs.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { type OpenStore, openDirectory, openMemory } from "../kit/engine-stores.ts"

const seed = fc.integer({ min: 0, max: 2 ** 30 })

const evaluated = async (
  kit: ReturnType<typeof engineKit>,
  tree: Tree,
  options: { seed?: number; repair?: boolean } = {}
) => {
  storeTree(kit.give, tree)
  const outcome = await kit.want(RootLevel, { tree: treeDigest(tree) }, options).catch((error: unknown) => error)
  if (!(outcome instanceof RunFailed)) {
    if (outcome instanceof Error) throw outcome
    return { output: outcome as { value: never }, refused: [] } // no error, so RootLevel's output
  }
  return { output: undefined, refused: outcome.failures.map(({ node }) => node).sort() }
}

/** A history over one store: each run gives what the model does, and computes what the model says that it must, and no more. */
const follows = async (opened: OpenStore, trees: ReadonlyArray<Tree>, scheduling: number) => {
  const kit = engineKit({ opened })
  const model = graphModel()
  for (const tree of trees) {
    const expected = model.run(tree)
    const { output, refused } = await evaluated(kit, tree, { seed: scheduling })
    expect(output && kit.read(NumberBlob, output.value)).toBe(expected.value)
    expect(refused).toEqual(expected.refused)
    expect(kit.ran()).toEqual(expected.ran)
  }
}

describe("random graphs over random histories", () => {
  it("give what a plain evaluation gives, and compute exactly what changed, however they are scheduled", () =>
    fc.assert(
      fc.asyncProperty(histories, seed, (trees, scheduling) => follows(openMemory(), trees, scheduling)),
      { numRuns: 50 }
    ))

  it("do so in a directory too", () =>
    fc.assert(
      fc.asyncProperty(histories, seed, async (trees, scheduling) => {
        const directory = mkdtempSync(join(tmpdir(), "distgraph-graphs-"))
        const opened = await openDirectory(directory)
        try {
          await follows(opened, trees, scheduling)
        } finally {
          await opened.close()
          rmSync(directory, { recursive: true })
        }
      }),
      { numRuns: 10 }
    ))

  it("give the same when blobs are lost or damaged between runs, and have them again after a repair", () =>
    fc.assert(
      fc.asyncProperty(histories, seed, fc.infiniteStream(fc.nat({ max: 5 })), async (trees, scheduling, luck) => {
        const kit = engineKit()
        const numbers = Array.from({ length: 100 }, (_, number) => digestOf(NumberBlob.encode(number)))
        for (const tree of trees) {
          for (const digest of numbers) {
            const { value } = luck.next()
            if (value === 0) kit.evict(digest)
            if (value === 1) kit.corrupt(digest)
          }
          const expected = graphModel().run(tree)
          const { output, refused } = await evaluated(kit, tree, { seed: scheduling })
          expect(output === undefined).toBe(expected.value === undefined)
          expect(refused).toEqual(expected.refused)
          if (output === undefined) continue
          await evaluated(kit, tree, { seed: scheduling, repair: true })
          expect(kit.read(NumberBlob, output.value)).toBe(expected.value)
        }
      }),
      { numRuns: 40 }
    ))

  it("give the same after a crash at a random write", () =>
    fc.assert(
      fc.asyncProperty(histories, seed, fc.nat({ max: 40 }), async (trees, scheduling, writes) => {
        const kit = engineKit()
        for (const tree of trees) {
          storeTree(kit.give, tree)
          kit.crashAfter(writes)
          await kit.outcome(RootLevel, { tree: treeDigest(tree) }, { seed: scheduling })
          kit.revive()
          const expected = graphModel().run(tree)
          const { output, refused } = await evaluated(kit, tree, { seed: scheduling + 1 })
          expect(output && kit.read(NumberBlob, output.value)).toBe(expected.value)
          expect(refused).toEqual(expected.refused)
        }
      }),
      { numRuns: 50 }
    ))
})
