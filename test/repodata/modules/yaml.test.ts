import { Either, FastCheck as fc } from "effect"
import { CORE_SCHEMA, load } from "js-yaml"
import { describe, expect, it } from "vitest"
import { isTyped, type YamlMap, type YamlNode } from "../../../src/repodata/modules/yaml-node.ts"
import { readYaml } from "../../../src/repodata/modules/yaml-reader.ts"
import { yamlDocument } from "../../../src/repodata/modules/yaml-writer.ts"

const text = fc.oneof(
  fc.string({ unit: "binary" }).map((value) => value.toWellFormed()),
  fc.stringMatching(/^[ \t\n:#'"\-?|>\\a0.~]*$/),
  fc.constantFrom(
    "1.10",
    "yes",
    "2018-05-23T14:25Z",
    "---",
    "a\n---\nb",
    "a: b",
    "a #b",
    "-f27",
    "",
    "\u2028",
    "a\n\nb\n"
  )
)
const { map } = fc.letrec<{ node: YamlNode; map: YamlMap }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom("0", "1.10", "TRUE", "", "18446744073709551615").map((plain) => ({ plain })),
    fc.array(tie("node"), { maxLength: 4 }),
    tie("map")
  ),
  map: fc
    .uniqueArray(fc.tuple(text, tie("node")), { selector: ([key]) => key, maxLength: 4 })
    .map((entries) => ({ entries }))
}))

/** As a reader that knows only texts has it. */
const plainTexts = (node: YamlNode): unknown => {
  if (typeof node === "string") return node
  if ("plain" in node) return { plain: node.plain }
  if ("entries" in node && !Array.isArray(node)) {
    const { entries } = node as YamlMap // no list has entries that are none
    return new Map(entries.map(([key, value]) => [key, plainTexts(value)]))
  }
  return (node as ReadonlyArray<YamlNode>).map(plainTexts) // all else was above
}

const roots = (stream: string) => readYaml(stream).map(({ root }) => Either.getOrThrow(root))
const problem = (stream: string) => Either.getOrThrow(Either.flip(readYaml(stream)[0]?.root ?? Either.right("")))

describe("YAML, written", () => {
  it("is read as what it was", () => {
    fc.assert(
      fc.property(fc.array(map, { minLength: 1, maxLength: 3 }), (documents) => {
        const read = roots(documents.map(yamlDocument).join(""))
        expect(read.map(plainTexts)).toEqual(documents.map(plainTexts))
      }),
      { numRuns: 500 }
    )
  })

  it("keeps texts texts for readers that know numbers, dates and booleans", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(load(yamlDocument({ entries: [["key", value]] }), { schema: CORE_SCHEMA })).toEqual({ key: value })
      })
    )
  })

  it("has one form: blocks, lists at their key, quotes only where they are needed", () => {
    const document = {
      entries: [
        ["name", "perl"],
        ["stream", "5.10"],
        ["version", { plain: "18446744073709551615" }],
        ["none", []],
        [
          "list",
          [
            "a",
            ["b", "c"],
            {
              entries: [
                ["d", "e"],
                ["f", "two\n\nlines\n"]
              ]
            }
          ]
        ],
        ["text", "two\nlines"]
      ]
    } satisfies YamlMap
    expect(yamlDocument(document)).toBe(
      `---
name: perl
stream: "5.10"
version: 18446744073709551615
none: []
list:
- a
- - b
  - c
- d: e
  f: |
    two

    lines
text: |-
  two
  lines
...
`
    )
  })
})

describe("YAML, read", () => {
  it("gives every document of a stream, however it is marked, with the line of its beginning", () => {
    const stream = "# words\n%YAML 1.1\n---\n\n--- # one\na: b\n...\n# between\n---\nc: [d, 'e']\n--- {f: 1.10}\n"
    expect(readYaml(stream).map(({ line, number }) => [number, line])).toEqual([
      [1, 5],
      [2, 9],
      [3, 11]
    ])
    expect(roots(stream)).toEqual([
      { entries: [["a", "b"]] },
      { entries: [["c", ["d", "e"]]] },
      { entries: [["f", { plain: "1.10" }]] }
    ])
  })

  it("takes quoted texts whose lines begin too far left, as libyaml writes them", () => {
    const stream = "---\na:\n  b:\n    c: 'Main\n\n      component.\n\n'\n    d: \"x\ny\"\n"
    expect(roots(stream)).toEqual([
      {
        entries: [
          [
            "a",
            {
              entries: [
                [
                  "b",
                  {
                    entries: [
                      ["c", "Main\ncomponent.\n"],
                      ["d", "x y"]
                    ]
                  }
                ]
              ]
            }
          ]
        ]
      }
    ])
  })

  it("goes on behind a document that is broken", () => {
    const read = readYaml("a: [\n---\nb: c\n---\nd: e: f\n")
    expect(read.map(({ root }) => Either.isRight(root))).toEqual([false, true, false])
  })

  it.each([
    ["an anchor", "a: &x b\nc: d", "it has the anchor &x, which readers of module metadata do not follow", 1],
    ["an alias", "a: b\nc: *x", "it has the alias *x, which readers of module metadata do not follow", 2],
    ["a key that is there twice", "a: b\nc: d\na: e", 'this map has the key "a" twice', 1],
    ["a list as a key", "? [a]\n: b", "a key of this map is a list or a map", 1],
    ["what nests too deeply", `a: ${"[".repeat(100_000)}`, "nesting exceeded maxDepth (40)", 1],
    ["a text without an end", "a: 'b", "unexpected end of the stream within a single quoted scalar", 1]
  ])("refuses %s", (_, stream, reason, line) => {
    expect(problem(stream)).toEqual({ line, problem: reason })
  })

  it("ends with a document of lines that are all too far left", () => {
    const stream = `a:\n  b: '${"x\n".repeat(50_000)}'`
    expect(problem(stream).problem).toBe("deficient indentation")
  })
})

describe("a plain scalar", () => {
  it.each([
    "1",
    "-1",
    "1.10",
    "0x1f",
    "0o7",
    "1e5",
    "5e10",
    "1:30",
    "2018-05-23",
    "2018-05-23T14:25Z",
    "Yes",
    "~",
    ".inf",
    "00000000"
  ])("%s is none that every reader takes for text", (value) => expect(isTyped(value)).toBe(true))
  it.each(["f27", "9c690d0e", "1.2.3", "-f27", "1.0-1", "main", "0.1.x"])("%s is a text", (value) =>
    expect(isTyped(value)).toBe(false)
  )
})
