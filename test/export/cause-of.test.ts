import { describe, expect, it } from "vitest"
import type { Difference } from "../../graph/index.ts"
import { causeOf } from "../../src/export/cause-of.ts"
import type { Cause } from "../../src/source/source.ts"

const cause = (event: number, what: Cause["what"], subject: string, sigkey: string | null = null): Cause => ({
  event,
  time: 1000 + event,
  tag: "f42",
  what,
  subject,
  sigkey
})

const eventOf = (difference: Difference, ...causes: ReadonlyArray<Cause>) => causeOf(difference, causes)?.event

const replaced: Difference = { kind: "replaced", subject: "bash", before: "bash-1-1", after: "bash-2-1" }
const added: Difference = { kind: "added", subject: "bash", after: "bash-2-1" }
const removed: Difference = { kind: "removed", subject: "bash", before: "bash-1-1" }

describe("the cause of a difference", () => {
  it("is the newest event that brought the build that is there now, or took the one that was", () => {
    const causes = [
      cause(1, "build-tagged", "bash-2-1"),
      cause(2, "build-untagged", "bash-1-1"),
      cause(3, "build-tagged", "bash-1-1"),
      cause(4, "build-untagged", "bash-2-1"),
      cause(5, "build-tagged", "zsh-2-1")
    ]
    expect(eventOf(replaced, ...causes)).toBe(2)
    expect(eventOf(added, ...causes)).toBe(1)
    expect(eventOf(removed, ...causes)).toBe(2)
    expect(eventOf(added, ...causes, cause(6, "rpms-imported", "bash-2-1"))).toBe(6)
  })

  it("is else what happened to the package, in the direction of the difference", () => {
    const causes = [
      cause(1, "package-blocked", "bash"),
      cause(2, "package-unblocked", "bash"),
      cause(3, "package-blocked", "zsh")
    ]
    expect(eventOf(added, ...causes)).toBe(2)
    expect(eventOf(removed, ...causes)).toBe(1)
    expect(eventOf(replaced, ...causes)).toBeUndefined()
    expect(eventOf(added, cause(0, "build-tagged", "bash-2-1"), ...causes)).toBe(0)
  })

  it("is else the newest change of the inheritance, but not of a build that stayed", () => {
    const causes = [cause(1, "inheritance-changed", "base"), cause(2, "inheritance-changed", "other")]
    for (const difference of [replaced, added, removed]) expect(eventOf(difference, ...causes)).toBe(2)
    expect(eventOf({ kind: "changed", subject: "bash-2-1", after: "signature ab appeared" }, ...causes)).toBeUndefined()
  })

  it("is for a build's files the event of just this kind and key", () => {
    const changed = (after: string): Difference => ({ kind: "changed", subject: "bash-2-1", after })
    const causes = [
      cause(1, "rpms-imported", "bash-2-1"),
      cause(2, "signature-imported", "bash-2-1", "aaaaaaaa"),
      cause(3, "signed-copy-written", "bash-2-1", "aaaaaaaa"),
      cause(4, "signature-imported", "bash-2-1", "bbbbbbbb"),
      cause(5, "signature-imported", "zsh-2-1", "aaaaaaaa"),
      cause(6, "build-tagged", "bash-2-1")
    ]
    expect(eventOf(changed("bash-doc-2-1.noarch added"), ...causes)).toBe(1)
    expect(eventOf(changed("signature aaaaaaaa appeared"), ...causes)).toBe(2)
    expect(eventOf(changed("signed copy aaaaaaaa written"), ...causes)).toBe(3)
    expect(eventOf(changed("signature bbbbbbbb appeared"), ...causes)).toBe(4)
    expect(eventOf(changed("signature cccccccc is gone"), ...causes)).toBeUndefined()
  })
})
