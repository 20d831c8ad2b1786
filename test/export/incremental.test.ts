import { Either, FastCheck as fc } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { DistRepoError, DistRepoResult } from "../../src/export/dist-repo.ts"
import { fixtureKeys } from "../kit/fixtures.ts"
import { histories, historyTemplate, type Step } from "./history.ts"
import { arches, checksums, repoContent, undatedContent } from "./published.ts"

let template: Awaited<ReturnType<typeof historyTemplate>>

beforeAll(async () => {
  template = await historyTemplate()
})
afterAll(() => template.close())

type Outcome = Either.Either<DistRepoResult, DistRepoError>

/** What an export came to, for comparison: the content of the repo that stands now, or what stands in the way. */
const outcomeOf = (outcome: Outcome, content: (repo: string) => unknown): unknown =>
  Either.match(outcome, {
    onLeft: (error) => ({ failed: error._tag, message: error.message }),
    onRight: ({ repo, warnings }) => ({ warnings, content: content(repo.path) })
  })

const expectTrueChecksums = (outcome: Outcome): number => {
  let seen = 0
  if (Either.isLeft(outcome)) return seen
  const { path } = outcome.right.repo
  for (const arch of arches(path)) {
    for (const { actual, href, listed } of checksums(path, arch)) {
      expect({ href, listed }).toEqual({ href, listed: actual })
      seen += 1
    }
  }
  return seen
}

/** Takes the steps, and after each compares the export over the warm store with one over an empty store. */
const compareAlong = async (steps: ReadonlyArray<Step>): Promise<void> => {
  const history = template.start()
  try {
    for (const step of steps) {
      await history.take(step)
      const warm = await history.export(step.tag)
      const cold = await history.fromScratch(step.tag)
      // an export that found nothing to do leaves the repo as it was, with the dates it had
      const unchanged = Either.isRight(warm) && warm.right._tag === "Unchanged"
      const content = unchanged ? undatedContent : repoContent
      expect(outcomeOf(warm, content)).toEqual(outcomeOf(cold, content))
      expectTrueChecksums(warm)
    }
  } finally {
    await history.close()
  }
}

describe("an incremental export", () => {
  it("is byte for byte that of an empty store, whatever happened before", { timeout: 240_000 }, async () => {
    await fc.assert(fc.asyncProperty(histories, compareAlong), { numRuns: 25, endOnFailure: true })
  })

  it("never lists a wrong checksum where two keys take turns on the same rpms", { timeout: 60_000 }, async () => {
    const history = template.start()
    try {
      for (const key of ["a", "b"] as const) {
        for (const build of ["hello-1.0-1", "libgreet-2.0-3"]) {
          await history.take({ tag: "base", does: "sign", build, key })
        }
      }
      const seen: Array<number> = []
      for (const keys of [["a"], ["b"], ["a"], ["b", "a"], ["a", "b"]] as const) {
        await history.take({ tag: "base", does: "ask", for: { keys: keys.map((key) => fixtureKeys[key]) } })
        const warm = await history.export("base")
        expect(outcomeOf(warm, repoContent)).toEqual(outcomeOf(await history.fromScratch("base"), repoContent))
        seen.push(expectTrueChecksums(warm))
      }
      // demo-release, hello, libgreet, its -devel and -debuginfo, greet-doc: on two arches each
      expect(seen).toEqual([12, 12, 12, 12, 12])
    } finally {
      await history.close()
    }
  })
})
