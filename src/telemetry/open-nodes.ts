/** What the events of a run name a node by. Several nodes of a run may have one name. */
interface NodeName {
  readonly rule: string
  readonly label: string
}

/** What is remembered of nodes while they are on their way. */
export interface OpenNodes<A> {
  readonly add: (node: NodeName, value: A) => void
  /** What was added for the node that ends now. Of several with one name the first to begin is taken for the first to end. */
  readonly take: (node: NodeName) => A | undefined
  /** Of all that have not ended. */
  readonly values: () => ReadonlyArray<A>
}

export const openNodes = <A>(): OpenNodes<A> => {
  const open = new Map<string, ReadonlyArray<A>>()
  const keyOf = ({ label, rule }: NodeName): string => `${rule}\n${label}`
  return {
    add: (node, value) => {
      const key = keyOf(node)
      open.set(key, [...(open.get(key) ?? []), value])
    },
    take: (node) => {
      const key = keyOf(node)
      const [first, ...rest] = open.get(key) ?? []
      if (rest.length > 0) open.set(key, rest)
      else open.delete(key)
      return first
    },
    values: () => [...open.values()].flat()
  }
}
