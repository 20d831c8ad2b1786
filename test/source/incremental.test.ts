import { Effect, FastCheck as fc, Layer } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { emptyContents, layerMemory } from "../../graph/index.ts"
import { Hub } from "../../src/hub/hub.ts"
import { layerLocalHub } from "../../src/source/local-hub.ts"
import { type ContentRequest, Source, type TagSnapshot } from "../../src/source/source.ts"
import { hubTemplate, type Step, steps, tags, take } from "./tag-histories.ts"

let template: Awaited<ReturnType<typeof hubTemplate>>
beforeAll(async () => {
  template = await hubTemplate()
})
afterAll(() => template.close())

/** A step, and which contents are looked at after it: seldom all, so that more than one step lies between two looks. */
interface Looking {
  readonly step: Step
  readonly at: ReadonlyArray<ContentRequest & { readonly tag: string }>
}

const requests = tags.flatMap((tag) =>
  [true, false].flatMap((inherit) => [true, false].map((latest) => ({ tag, inherit, latest, event: null })))
)

const histories: fc.Arbitrary<ReadonlyArray<Looking>> = fc.array(
  fc.record({ step: steps, at: fc.subarray(requests, { maxLength: 6 }) }),
  { minLength: 1, maxLength: 12 }
)

/** What two ways of reading must agree on. */
const outcome = ({ read: _, ...snapshot }: TagSnapshot) => snapshot

describe("a snapshot that goes on from what is remembered", () => {
  const read: Record<TagSnapshot["read"], number> = { all: 0, touched: 0, nothing: 0 }

  /** Takes the steps over one store, and compares each look with one over an empty store. */
  const compareAlong = (history: ReadonlyArray<Looking>, topdir: string) =>
    Effect.gen(function* () {
      const [hub, source] = [yield* Hub, yield* Source]
      const contents = emptyContents()
      const look = ({ tag, ...request }: Looking["at"][number]) =>
        Effect.gen(function* () {
          const empty = emptyContents()
          const goingOn = yield* Effect.provide(source.snapshot(tag, request), layerMemory(contents))
          const afresh = yield* Effect.provide(source.snapshot(tag, request), layerMemory(empty))
          read[goingOn.read] += 1
          expect(afresh.read).toBe("all")
          expect({ tag, request, ...outcome(goingOn) }).toEqual({ tag, request, ...outcome(afresh) })
          // and both remember the same
          expect([...contents.memories]).toEqual(expect.arrayContaining([...empty.memories]))
        })
      yield* Effect.forEach(requests, look)
      for (const { at, step } of history) {
        yield* take(hub, step)
        yield* Effect.forEach(at, look)
      }
      yield* Effect.forEach(requests, look)
    }).pipe(Effect.provide(Layer.provideMerge(layerLocalHub, Hub.layer(topdir))), Effect.runPromise)

  it("is that of an empty store, whatever happened in between", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const topdir = template.copy()
        await compareAlong(history, topdir).finally(() => template.remove(topdir))
      }),
      { numRuns: 30, endOnFailure: true }
    )
    // else nothing was compared
    expect(read.touched).toBeGreaterThan(100)
    expect(read.nothing).toBeGreaterThan(100)
  })
})
