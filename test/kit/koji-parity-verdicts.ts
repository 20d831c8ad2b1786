/** How a recording of a real Koji compares with what is made here. */
type Verdict = "equal" | "improved" | "not applicable"

/** The recordings that koji-parity.test.ts does not compare, and why. */
export const notCompared: ReadonlyMap<string, string> = new Map([
  ["multilib-upstream-fails", "the fault of the builder that multilib-fixed has mended"],
  ...each(
    [
      "regen-repo",
      "regen-repo-make-task",
      "regen-repo-make-task-separate-source",
      "regen-repo-make-task-source-debuginfo"
    ],
    "compared as internal repos"
  ),
  ...each(
    ["cancel-others-first", "cancel-others-second", "to-be-canceled", "resubmit-failed-dist-repo"],
    "there are no tasks that could be cancelled or submitted again"
  ),
  ...each(["concurrent-1", "concurrent-2"], "two at once: tests of processes and kills do that")
])

/** Those that differ on purpose, in one thing; the rest of each is compared as always. */
const improved: ReadonlyMap<string, string> = new Map([
  ...each(
    ["two-keys-b-a", "key-change", "skip-stat-key-change", "noinherit"],
    "checksums are those of the files that are published, not of other copies"
  ),
  ...each(
    ["allow-missing-signatures", "skip-missing-signatures", "non-latest-updates"],
    "checksums are those of the files that are published, not of other copies"
  ),
  ...each(
    ["comps-split-debuginfo", "crc2-comps-split-debuginfo", "split-debuginfo", "split-debuginfo-with-src"],
    "debug information has packages of its own; with --debug-layout koji it is equal"
  ),
  ["empty-tag-then-filled", "EMPTY_REPO goes when packages come"],
  ...each(["delta-by-repo-id", "delta-by-tag-name", "delta-of-other-tag"], "real deltas where Koji has none"),
  ...each(["multilib-fixed", "multilib-fixed-split-debuginfo"], "_pkgpath names the build, not the other repository"),
  ["arch-unknown", "a usage error where the builder crashes"],
  ...each(
    ["missing-signature-error", "missing-signature-error-2", "missing-signature-error-unknown-key"],
    "names the rpms of all arches, and leaves no repo"
  ),
  ...each(
    [
      "tag2distrepo-no-keys",
      "tag2distrepo-no-keys-older",
      "tag2distrepo-untag",
      "tag2distrepo-with-keys",
      "tag2distrepo-with-keys-2"
    ],
    "by `watch`; repo.json has all options, by the names that dist-repo gives them"
  ),
  ["tag2distrepo-unsigned", "by `watch`, which waits for signatures; leaves no repo"],
  ...each(["missing-files-error", "event-before-tag"], "leaves no repo"),
  ...each(["zck-dict-dir-missing", "zck-dict-dir-without-zck"], "found before any work; leaves no repo")
])

/** The verdicts of all recordings: a line that counts them, and the rows of a table. */
export const verdictTable = (
  names: ReadonlyArray<string>
): { readonly counts: string; readonly rows: ReadonlyArray<readonly [string, Verdict, string]> } => {
  const rows = names.map((name) => [name, ...verdictOf(name)] as const)
  const count = (verdict: Verdict) => rows.filter(([, of]) => of === verdict).length
  const counts = `${names.length} recordings: ${count("equal")} equal, ${count("improved")} improved, ${count("not applicable")} not applicable`
  return { counts, rows }
}

const verdictOf = (name: string): readonly [Verdict, string] => {
  const better = improved.get(name)
  if (better !== undefined) return ["improved", better]
  const why = notCompared.get(name)
  if (why === undefined || name.startsWith("regen-repo")) return ["equal", why ?? ""]
  return ["not applicable", why]
}

/** A declaration, as the tables above need it. */
function each(names: ReadonlyArray<string>, why: string): ReadonlyArray<readonly [string, string]> {
  return names.map((name) => [name, why])
}
