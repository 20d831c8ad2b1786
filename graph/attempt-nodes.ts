import type { Asked } from "./asked.ts"

/**
 * The nodes of one attempt by key: those that have not settled, those that must be remembered since the store would not give them as
 * they are (failures, forced nodes), and of all others the latest. Who asks for an older one finds it in the store; to remember each
 * of a big graph would take more memory than all the rest of a run.
 */
export class AttemptNodes {
  readonly #byKey = new Map<string, Asked>()
  /** A ring; `#next` is where the oldest is. */
  readonly #latest: Array<Asked> = []
  #next = 0

  get(key: string): Asked | undefined {
    return this.#byKey.get(key)
  }

  add(node: Asked): void {
    this.#byKey.set(node.key, node)
  }

  /** From now on the store has the node's result: it may be forgotten. */
  release(node: Asked): void {
    const oldest = this.#latest[this.#next]
    if (oldest !== undefined) this.#byKey.delete(oldest.key)
    this.#latest[this.#next] = node
    this.#next = (this.#next + 1) % mostReleased
  }
}

/** A node that several plans ask for is mostly asked for by all of them within a short time. */
export const mostReleased = 4096
