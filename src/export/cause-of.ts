import { match } from "ts-pattern"
import type { Difference } from "../../graph/index.ts"
import type { Cause } from "../source/source.ts"

/**
 * Of the events since, oldest first, the newest that fits a difference between two contents: one of the build itself, or else of
 * its package's entry in a list, or else a change of the inheritance, which may bring and take anything.
 */
export const causeOf = (difference: Difference, causes: ReadonlyArray<Cause>): Cause | undefined => {
  const { after, before, kind, subject } = difference
  const of = (about: string | undefined, ...kinds: ReadonlyArray<Cause["what"]>) =>
    causes.filter((cause) => cause.subject === about && kinds.includes(cause.what))
  const came = of(after, "build-tagged", "rpms-imported")
  const went = of(before, "build-untagged")
  const inherited = causes.filter(({ what }) => what === "inheritance-changed")
  const fitting = match(kind)
    .with("added", () => [came, of(subject, "package-added", "package-unblocked"), inherited])
    .with("removed", () => [went, of(subject, "package-blocked"), inherited])
    .with("replaced", () => [[...came, ...went].sort((a, b) => a.event - b.event), inherited])
    .with("changed", () => [of(subject, ...fileCauses(after)).filter(({ sigkey }) => after?.includes(sigkey ?? ""))])
    .exhaustive()
  return fitting.find((group) => group.length > 0)?.at(-1)
}

/** Every kind, in the order in which the schema of a story lists them. */
export const causeKinds = [
  "build-tagged",
  "build-untagged",
  "package-added",
  "package-blocked",
  "package-unblocked",
  "inheritance-changed",
  "rpms-imported",
  "signature-imported",
  "signed-copy-written"
] as const satisfies ReadonlyArray<Cause["what"]>

/** What can have brought about a build's change, told by its words. */
const fileCauses = (words = ""): ReadonlyArray<Cause["what"]> => {
  if (words.startsWith("signature ")) return ["signature-imported"]
  return words.startsWith("signed copy ") ? ["signed-copy-written"] : ["rpms-imported"]
}
