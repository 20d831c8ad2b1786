import { describe, expect, it } from "vitest"
import type { NodeStory, Reason } from "../../../graph/index.ts"
import { explainText } from "../../../src/cli/export/explain-text.ts"
import type { RepoStory } from "../../../src/export/story.ts"

const telling = { width: 200, everything: false, now: 100_000 }

const node = (
  rule: string,
  label: string,
  outcome: NodeStory["outcome"],
  children: ReadonlyArray<NodeStory> = []
): NodeStory => ({
  rule,
  label,
  key: "0".repeat(64),
  outcome,
  toldBefore: false,
  children
})
const ran = (reason: Reason, ownMs = 3): NodeStory["outcome"] => ({ _tag: "Ran", reason, ownMs })
const hit: NodeStory["outcome"] = { _tag: "Hit", run: 1 }
const changed: Reason = {
  _tag: "InputChanged",
  changes: [{ field: "chunk", differences: [], producedBy: "signed-lookup-chunk bash" }]
}

const story = (root: NodeStory | null, more: Partial<RepoStory> = {}): RepoStory => ({
  format: 1,
  tag: "f42",
  repo: 8,
  previous: 7,
  content: [],
  options: [],
  graph: {
    format: 1,
    label: "dist-repo f42",
    run: { id: 5, started: 99_000 },
    baseline: { id: 4, started: 40_000 },
    asked: [],
    root,
    failed: [],
    ran: [{ rule: "repository", nodes: 2, ownMs: 1500 }],
    reused: [{ rule: "package-metadata", nodes: 1204 }],
    savedMs: 125_000,
    savedIsPartial: false
  },
  ...more
})

const root = (children: ReadonlyArray<NodeStory>) => node("dist-repo", "", ran(changed), children)

describe("the story of an export", () => {
  it("opens with what it is compared with, what ran and what was spared", () => {
    expect(explainText(story(root([])), telling).slice(0, 2)).toEqual([
      "f42: repo 7 → 8 (run 5; compared with run 4, 1 min ago)",
      "ran 2 nodes in 1.5 s, reused 1,204 results, which saved 2 min"
    ])
  })

  it("says when there is nothing to compare with, and when it saw only part of what was saved", () => {
    const first = story(null, { previous: null })
    const lines = explainText({ ...first, graph: { ...first.graph, baseline: null, savedIsPartial: true } }, telling)
    expect(lines[0]).toBe("f42: repo 8 (run 5; the first repo, nothing to compare with)")
    expect(lines[1]).toContain("saved more than 2 min")
  })

  it("tells what changed in the tag, with the event that did it, and counts what is too much", () => {
    const tagging = { event: 88, time: 1, tag: "f42", what: "build-tagged" } as const
    const block = { event: 51, time: 1, tag: "f42", what: "package-blocked" } as const
    const signature = { event: 90, time: 1, tag: null, what: "signature-imported" } as const
    const none = { event: null, time: null, tag: null, what: null }
    const content: RepoStory["content"] = [
      { kind: "replaced", subject: "bash", before: "bash-5.1-1", after: "bash-5.2-1", detail: "4 rpms", ...tagging },
      { kind: "added", subject: "zsh", after: "zsh-5-1", detail: "1 rpm", ...tagging },
      { kind: "removed", subject: "ksh", before: "ksh-1-1", detail: "1 rpm", ...block },
      { kind: "changed", subject: "tcsh-6-1", after: "signature 6f3ecb2a appeared", detail: "3 rpms", ...signature },
      { kind: "added", subject: "fish", after: "fish-4-1", ...none }
    ]
    const lines = explainText(story(root([]), { content }), telling)
    expect(lines.slice(3, 9)).toEqual([
      "what changed in the tag",
      "  bash-5.1-1 → bash-5.2-1 (4 rpms)  (event 88: tagged into f42)",
      "  + zsh-5-1 (1 rpm)  (event 88: tagged into f42)",
      "  − ksh-1-1 (1 rpm)  (event 51: blocked in f42)",
      "  tcsh-6-1: signature 6f3ecb2a appeared (3 rpms)  (event 90: signature imported)",
      "  + fish-4-1"
    ])
    const many = Array.from({ length: 30 }, (_, at) => ({
      kind: "added" as const,
      subject: `p${at}`,
      after: `p${at}-1-1`,
      ...none
    }))
    expect(explainText(story(root([]), { content: many }), telling)).toContain(
      "  … and 22 others (--explain-all lists them)"
    )
    expect(explainText(story(root([]), { content: many }), { ...telling, everything: true })).toContain("  + p29-1-1")
  })

  it("tells changed options", () => {
    const options: RepoStory["options"] = [{ field: "keys[0]", before: '"a"', after: '"b"', differences: [] }]
    expect(explainText(story(root([]), { options }), telling)).toContain('  keys[0]: "a" → "b"')
    const [before, after] = ["a", "b"].map((digit) => JSON.stringify(`${digit.repeat(64)}/9`))
    const groups = [{ field: "groups", before, after, differences: [] }]
    expect(explainText(story(root([]), { options: groups }), telling)).toContain("  groups changed")
  })

  it("says of a file that was given only that it came, is another or is given no more", () => {
    const words = (change: { readonly before?: string; readonly after?: string }) =>
      explainText(story(root([]), { options: [{ field: "comps", differences: [], ...change }] }), telling).find(
        (line) => line.includes("comps")
      )
    const [one, other] = ["a", "b"].map((digit) => `"${digit.repeat(64)}/1"`)
    if (one === undefined || other === undefined) throw new Error("two were made")
    expect(words({ after: one })).toBe("  comps added")
    expect(words({ before: one, after: other })).toBe("  comps changed")
    expect(words({ before: one })).toBe("  comps left out")
  })

  it("tells a content's date by its event, and by its time where that alone is another", () => {
    const time = { field: "stamp.time", before: "1", after: "2", differences: [] }
    const event = { field: "stamp.event", before: "7", after: "8", differences: [] }
    const words = (changes: ReadonlyArray<typeof time>) =>
      explainText(story(root([node("repomd", "", ran({ _tag: "InputChanged", changes }))])), telling).at(-1)
    expect(words([event, time])).toMatch(/ms +stamp\.event: 7 → 8$/)
    expect(words([time])).toMatch(/ms +stamp\.time: 1 → 2$/)
  })

  it("names every reason in words", () => {
    const words = (reason: Reason) =>
      explainText(story(root([node("signed-lookup", "", ran(reason))])), telling)
        .at(-1)
        ?.replace(/^.*ran in 3 ms\s+/, "")
    expect(words({ _tag: "NeverBuilt" })).toBe("never built before")
    expect(words(changed)).toBe("chunk from signed-lookup-chunk bash")
    expect(words({ _tag: "RuleChanged", before: 2, after: 3 })).toBe("the rule changed: version 2 → 3")
    expect(words({ _tag: "NeededRuleChanged", rules: ["tree"] })).toBe("a rule that it needs changed: tree")
    expect(words({ _tag: "ToolChanged", tools: [{ name: "zlib", before: "1.3.1", after: "1.3.2" }] })).toBe(
      "zlib 1.3.1 → 1.3.2"
    )
    expect(words({ _tag: "OutputLost" })).toBe("its result was lost from the store")
    expect(words({ _tag: "OutputDamaged" })).toBe("its stored result was damaged")
    expect(words({ _tag: "OutputUnreadable" })).toBe("its stored result is of an older form")
    expect(words({ _tag: "Forced" })).toBe("forced")
    const digest = `"${"a".repeat(64)}/1"`
    expect(
      words({ _tag: "InputChanged", changes: [{ field: "x", before: digest, after: digest, differences: [] }] })
    ).toBe("x changed")
  })

  it("gives a repository a line for each rule, and tells alike repositories once", () => {
    const repository = (arch: string) => [
      node("arch-set", arch, ran(changed)),
      node("repository", arch, ran(changed), [
        node("package-metadata", `bash-5.2-1.${arch}`, ran({ _tag: "NeverBuilt" })),
        node("package-metadata", `zsh-5-1.${arch}`, hit),
        node("listings", "", { _tag: "CutOff", run: 1, producers: ["arch-set"] })
      ])
    ]
    const lines = explainText(story(root([...repository("aarch64"), ...repository("x86_64")])), telling)
    expect(lines.slice(3)).toEqual([
      "aarch64",
      "  arch-set             1 ran in 3 ms              chunk from signed-lookup-chunk bash",
      "  repository           1 ran in 3 ms              chunk from signed-lookup-chunk bash",
      "  package-metadata     1 ran in 3 ms, 1 reused    bash-5.2-1.aarch64: never built before",
      "  listings             1 cut off                  arch-set ran again and gave the same bytes",
      "",
      "x86_64: 3 nodes ran in 9 ms, the same steps for the same reasons as aarch64"
    ])
  })

  it("with --explain-all prints each node under what asked for it", () => {
    const tree = root([node("signed-lookup", "", ran(changed), [node("signed-lookup-chunk", "bash", hit)])])
    const lines = explainText(story(tree), { ...telling, everything: true })
    expect(lines.slice(-2)).toEqual([
      "  signed-lookup                        ran 3 ms     chunk from signed-lookup-chunk bash",
      "    signed-lookup-chunk bash           reused"
    ])
  })

  it("tells failures with what was not done because of them", () => {
    const failed = story(null)
    const lines = explainText(
      {
        ...failed,
        graph: {
          ...failed.graph,
          failed: [{ node: "signed-lookup", message: "two\nlines", upstreamFailed: ["dist-repo"] }]
        }
      },
      telling
    )
    expect(lines.slice(3)).toEqual(["what failed", "  signed-lookup: two", "    not done because of it: dist-repo"])
  })

  it("never runs over the terminal's width", () => {
    const wide = node("signed-lookup", "x".repeat(300), ran(changed))
    for (const line of explainText(story(root([wide])), { ...telling, width: 60 }))
      expect(line.length).toBeLessThanOrEqual(60)
  })
})
