import { createHash } from "node:crypto"
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { DistRepo } from "../../rules/dist-repo.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { snapshotOf, taggedRpm } from "./rows.ts"

/** Names enough for many chunks: about one in four begins one. */
const names = Array.from({ length: 4000 }, (_, at) => `package-${at}`)
  .filter((name, at) => at % 20 === 0 || (createHash("sha256").update(name).digest().at(-1) ?? 0) % 64 === 0)
  .slice(0, 240)

const files = fixtureRows()

/** An rpm of this name whose content is that of one of the fixtures: what is in a package does not matter to lists. */
const rpmOf = (name: string, content: number): TaggedRpm => {
  const file = files[content % files.length] ?? files[0]
  return {
    ...taggedRpm({ name, arch: ["x86_64", "noarch", "aarch64"][content % 3] ?? "x86_64" }),
    ...(file === undefined ? {} : { primary: file.primary, payloadhash: file.payloadhash }),
    size: content
  }
}

/** Name → content; an edit sets some, or takes them away with null. */
const edits = fc.dictionary(fc.constantFrom(...names), fc.option(fc.nat({ max: 60 })), { minKeys: 1, maxKeys: 4 })
const tags = fc.dictionary(fc.constantFrom(...names), fc.nat({ max: 60 }), { minKeys: 60, maxKeys: 160 })

const inputOf = (kit: ReturnType<typeof engineKit>, tag: ReadonlyMap<string, number>) => ({
  snapshot: snapshotOf(
    kit,
    [...tag].map(([name, content]) => rpmOf(name, content))
  ),
  stamp: { event: 1, time: 1_700_000_000 },
  keys: [],
  missingSignatures: "allow" as const,
  arches: [
    { arch: "aarch64", rpmArches: ["aarch64", "noarch"] },
    { arch: "x86_64", rpmArches: ["x86_64", "noarch"] }
  ],
  topdir: "/mnt/koji",
  compression: "zstd" as const,
  changelogLimit: 10,
  openChecksum: true
})

describe("the rules over a list of many chunks", () => {
  it("come from a warm store to what they come to from scratch, and work on the chunks beside each change", {
    timeout: 60_000
  }, async () => {
    await fc.assert(
      fc.asyncProperty(tags, fc.array(edits, { minLength: 1, maxLength: 4 }), async (start, history) => {
        const warm = engineKit({ path: fixturePath })
        const tag = new Map(Object.entries(start))
        await warm.want(DistRepo, inputOf(warm, tag))
        for (const edit of history) {
          for (const [name, content] of Object.entries(edit)) {
            if (content === null) tag.delete(name)
            else tag.set(name, content)
          }
          warm.ran()
          const cold = engineKit({ path: fixturePath })
          const [incremental, whole] = [
            await warm.want(DistRepo, inputOf(warm, tag)),
            await cold.want(DistRepo, inputOf(cold, tag))
          ]
          expect(incremental).toEqual(whole)
          // a change makes new at most the chunk that it is in, split in two where its name begins a chunk
          const lookups = warm.ran().filter((node) => node.startsWith("signed-lookup-chunk"))
          expect(lookups.length).toBeLessThanOrEqual(2 * Object.keys(edit).length)
        }
      }),
      { numRuns: 15 }
    )
  })
})
