import { cutIntoChunks, smallestLevel } from "../../rules/chunk-list.ts"

/** Whether a list is cut before a name. */
export const cuts = (name: string): boolean => (cutIntoChunks([{ name }])[0]?.level ?? 0) >= smallestLevel

/**
 * Names of which one is the beginning of another, so that their rows interleave: with version 1 and release 2 of `p7`, and versions 1
 * and 3 of `p7-1`, that of `p7` stands in the middle. In each group other names are cut before: none, the shorter, the longer, both.
 */
export const interleavedNames: ReadonlyArray<readonly [shorter: string, longer: string]> = [
  [false, false],
  [true, false],
  [false, true],
  [true, true]
].flatMap(([shorter, longer]) => {
  for (let number = 0; number < 200_000; number++) {
    const name = `p${number}`
    if (cuts(name) === shorter && cuts(`${name}-1`) === longer) return [[name, `${name}-1`] as const]
  }
  return []
})
