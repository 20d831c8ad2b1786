/**
 * Finds for a pack of lists an earlier one that lists the same things, against which it is compressed: several lists of a run name the
 * same packages, and digests are what does not compress. Knows the packs of this process only.
 */
export interface PackBases {
  /** That of a pack of these lists, and its bytes. */
  readonly baseOf: (lists: ReadonlyArray<string>) => { readonly id: number; readonly bytes: Uint8Array } | undefined
  /** Takes a stored pack of these lists, which has no base itself: so nothing takes more than two packs to read. */
  readonly add: (pack: number, lists: ReadonlyArray<string>) => void
}

/** `read` gives the bytes of a stored pack, which are not compressed. */
export const packBases = (read: (pack: number) => Uint8Array | undefined): PackBases => {
  const packs = new Map<string, number>()
  return {
    baseOf: (lists) => {
      const votes = new Map<number, number>()
      for (const list of lists) {
        const pack = packs.get(list)
        if (pack !== undefined) votes.set(pack, (votes.get(pack) ?? 0) + 1)
      }
      const [most] = Array.from(votes).sort(([, a], [, b]) => b - a)
      const bytes = most === undefined ? undefined : read(most[0])
      return most === undefined || bytes === undefined ? undefined : { id: most[0], bytes }
    },
    add: (pack, lists) => {
      for (const list of lists) {
        packs.delete(list)
        packs.set(list, pack)
        const [oldest] = packs.keys()
        if (packs.size > mostLists && oldest !== undefined) packs.delete(oldest)
      }
    }
  }
}

/** The first digest of each blob that is a list, whose first lines have fields between tabs and name several: it stands for the list. */
export const listsIn = (blobs: ReadonlyArray<Uint8Array>): ReadonlyArray<string> =>
  blobs.flatMap((bytes) => {
    const beginning = bytes.subarray(0, looked)
    // Most blobs are none, which is to be seen quickly.
    if (!beginning.includes(tab)) return []
    const text = Buffer.from(beginning.buffer, beginning.byteOffset, beginning.length).toString("latin1")
    const [first, , third] = text.matchAll(/[0-9a-f]{64}/g)
    return first === undefined || third === undefined ? [] : [first[0]]
  })

/** Bytes: some lines. */
const looked = 1024

const tab = 9

const mostLists = 10_000
