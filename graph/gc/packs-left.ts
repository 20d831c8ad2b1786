import type { Census } from "./census.ts"
import type { Marking } from "./marking.ts"

/** What becomes of packs. */
export interface PacksLeft {
  /** Those of which something stays, and those against which such a one is compressed. */
  readonly needed: ReadonlySet<number>
  /** Those of them that are worth writing anew without what goes, and those that no other will then need. */
  readonly rewritten: ReadonlySet<number>
}

/** Judges the packs of a census by what of them stays. */
export const packsLeft = (census: Census, marks: Marking): PacksLeft => {
  const live = new Map<number, number>()
  const whole = new Set<number>()
  for (let blob = 0; blob < census.packed.length; blob += 1) {
    if (!marks.keepsBlob(blob)) continue
    const pack = census.packOf[blob] ?? 0
    const size = marks.blobSize[blob] ?? 0
    // Kept only because it is new: its size is not known, so it cannot be moved.
    if (size === 0) whole.add(pack)
    live.set(pack, (live.get(pack) ?? 0) + size)
  }
  const isWorthIt = (id: number): boolean => {
    const size = census.packs.get(id)?.size ?? 0
    return !whole.has(id) && size - (live.get(id) ?? 0) >= size * worthwhile
  }
  const needed = new Set(live.keys())
  const rewritten = new Set<number>()
  /** Against which something is compressed that stays as it is. */
  const bases = new Set<number>()
  for (const id of live.keys()) {
    const base = census.packs.get(id)?.base ?? null
    if (base === null) continue
    needed.add(base)
    if (isWorthIt(id)) rewritten.add(id)
    else bases.add(base)
  }
  for (const id of needed) {
    const isPlain = (census.packs.get(id)?.base ?? null) === null
    if (isPlain && !bases.has(id) && isWorthIt(id)) rewritten.add(id)
  }
  return { needed, rewritten }
}

/** The share of a pack, or of a batch, that must be of no use for it to be written anew. */
export const worthwhile = 0.25
