import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { type HeldPackages, heldPackages } from "../../../src/repodata/held-packages.ts"
import { filterModules } from "../../../src/repodata/modules/filter-modules.ts"
import { mergeModules, modulesYaml } from "../../../src/repodata/modules/merge-modules.ts"
import { type ModuleDocument, readModules } from "../../../src/repodata/modules/read-modules.ts"
import { describeWithShared, sharedPath } from "../../kit/oracle.ts"
import { defaultsYaml, streamYaml } from "./module-fixtures.ts"

const read = (text: string): ReadonlyArray<ModuleDocument> =>
  Either.getOrThrow(readModules(Buffer.from(text))).documents
const refusal = (text: string) => Either.getOrThrow(Either.flip(readModules(Buffer.from(text)))).message
const merged = (...files: ReadonlyArray<string>) => Either.getOrThrow(mergeModules(files.map(read)))
const printed = (documents: ReadonlyArray<ModuleDocument>) => Buffer.from(modulesYaml(documents)).toString()
const holding = (...nevras: ReadonlyArray<string>): HeldPackages =>
  heldPackages(
    nevras.map((nevra) => ({ name: "", nevra, checksumType: "sha256", checksum: "00", fileName: `${nevra}.rpm` }))
  )

describe("module metadata", () => {
  it("is printed in one form: known fields in order, words sorted and once, texts that look like numbers quoted", () => {
    const source = `---
version: 2
document: modulemd
data:
  unknown: {b: 1, a: '1'}
  arch: x86_64
  stream: 1.10
  name: perl
  context: 00000000
  version: 018446744073709551615
  description: >-
    Two words
    of text
  summary: 'A summary'
  license: {module: [MIT, BSD, MIT]}
  xmd: {b: TRUE, a: 'TRUE'}
  dependencies: [{requires: {platform: [f28, -f27]}}]
  artifacts: {rpms: [perl-0:2-1.x86_64, perl-0:1-1.x86_64]}
`
    expect(printed(read(source))).toBe(`---
document: modulemd
version: 2
data:
  name: perl
  stream: "1.10"
  version: 18446744073709551615
  context: "00000000"
  arch: x86_64
  summary: A summary
  description: Two words of text
  license:
    module:
    - BSD
    - MIT
  xmd:
    a: "TRUE"
    b: TRUE
  dependencies:
  - requires:
      platform:
      - -f27
      - f28
  artifacts:
    rpms:
    - perl-0:1-1.x86_64
    - perl-0:2-1.x86_64
  unknown:
    a: "1"
    b: 1
...
`)
  })

  it("for packagers only is passed over and counted", () => {
    const text = `document: modulemd-packager\nversion: 3\ndata: {}\n${streamYaml({})}`
    const { documents, packager } = Either.getOrThrow(readModules(Buffer.from(text)))
    expect([documents.length, packager]).toEqual([1, 1])
  })

  it("that is not sound is refused with every problem, its document and its field", () => {
    const text =
      streamYaml({ arch: "", version: "99999999999999999999" }).replace("summary: A summary", "arch: [x]") +
      "---\nfoo\n---\ndocument: modulemd\nversion: 3\n---\na: [\n---\ndocument: else\n" +
      defaultsYaml({ profiles: "none" })
    expect(refusal(text)).toBe(
      `document 1 (line 1): data.version is "99999999999999999999", not an unsigned integer of 64 bits
document 1 (line 1): data.arch is a list, not a text
document 1 (line 1): data.summary is missing
document 2 (line 14): document is missing
document 3 (line 16): version is "3", which is not known of modulemd
document 4 (line 21): unexpected end of the stream within a flow collection
document 5 (line 21): document is "else", no kind of module metadata
document 6 (line 23): data.profiles is "none", not a map`
    )
  })

  it("that is no UTF-8, or longer than any there is, is refused", () => {
    expect(Either.isLeft(readModules(Buffer.from([0xff])))).toBe(true)
    expect(Either.isLeft(readModules(Buffer.alloc(65 * 1024 ** 2, "\n")))).toBe(true)
  })
})

describe("merging module metadata", () => {
  const documents = fc.array(
    fc.oneof(
      fc
        .record({ name: fc.constantFrom("a", "b"), version: fc.constantFrom("1", "2", "10") })
        .map((given) => streamYaml(given)),
      fc
        .record({
          module: fc.constantFrom("a", "b"),
          modified: fc.constantFrom("1", "2"),
          stream: fc.constantFrom("1", "2")
        })
        .map((given) => defaultsYaml(given))
    ),
    { maxLength: 8 }
  )

  it("gives the same whatever the order of documents and files, and is done once", () => {
    fc.assert(
      fc.property(
        documents.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const once = printed(merged(all.join("")).documents)
          expect(printed(merged(...shuffled).documents)).toBe(once)
          expect(printed(merged(once).documents)).toBe(once)
        }
      )
    )
  })

  it("orders by module, and puts defaults before streams, these by number of version", () => {
    const { documents } = merged(
      streamYaml({ name: "b" }) + streamYaml({ version: "10" }) + streamYaml({ version: "9" }) + defaultsYaml({})
    )
    const places = documents.map(({ kind, module }) => `${module} ${kind}`)
    expect(places).toEqual(["a modulemd-defaults", "a modulemd", "a modulemd", "b modulemd"])
    expect([...printed(documents).matchAll(/^ {2}version: (\d+)/gm)].map(([, version]) => version)).toEqual([
      "9",
      "10",
      "1"
    ])
  })

  it.each([
    ["the one that is set", { stream: undefined, modified: "9" }, { stream: "2" }, "2"],
    ["the one modified last", { stream: "1", modified: "3" }, { stream: "2", modified: "2" }, "1"],
    ["none where they disagree", { stream: "1", modified: "3" }, { stream: "2", modified: "3" }, undefined]
  ])("takes as default stream %s", (_, one, other, expected) => {
    const text = printed(merged(defaultsYaml(one), defaultsYaml(other)).documents)
    expect(/^ {2}stream: "(.*)"$/m.exec(text)?.[1]).toBe(expected)
  })

  it("takes the profiles of a stream from where they were modified last, and refuses a draw", () => {
    const one = defaultsYaml({ modified: "1", profiles: "{'1': [x], '2': [w]}" })
    const two = defaultsYaml({ modified: "2", profiles: "{'1': [z]}" })
    const text = printed(merged(one, two).documents)
    expect(text).toContain('  modified: 2\n  stream: "1"\n  profiles:\n    "1":\n    - z\n    "2":\n    - w\n')
    const draw = mergeModules([one, defaultsYaml({ modified: "1", profiles: "{'1': [z]}" })].map(read))
    expect(Either.getOrThrow(Either.flip(draw)).message).toBe(
      "the defaults of a are given with different profiles of stream 1, modified at the same time"
    )
  })

  it("refuses a stream with different contents in one file; of several files the first has it", () => {
    const [one, two] = [streamYaml({ summary: "one" }), streamYaml({ summary: "two" })]
    const name = "the module stream a:1 (version 1, context c, x86_64) has different contents"
    expect(Either.getOrThrow(Either.flip(mergeModules([read(one + two)]))).conflicts).toEqual([name])
    expect(merged(two, one, two)).toEqual({
      documents: read(two),
      warnings: [`${name} in several files: the first file has it`]
    })
  })
})

describe("limiting module metadata to a repository", () => {
  const [one, two] = ["one-0:1-1.x86_64", "two-2:1-1.noarch"] as const
  const text =
    streamYaml({ rpms: [one, two, "one-0:1-1.src"] }) +
    streamYaml({ version: "2", rpms: [one, "three-0:1-1.x86_64"] }) +
    streamYaml({ name: "gone", rpms: ["four-0:1-1.x86_64"] }) +
    streamYaml({ name: "other", arch: "aarch64", rpms: [two] }) +
    streamYaml({ name: "any", arch: "", rpms: [two] }) +
    defaultsYaml({ module: "a" }) +
    defaultsYaml({ module: "gone" }) +
    defaultsYaml({ module: "other" })
  const filtered = filterModules(merged(text).documents, { arches: ["x86_64", "noarch"], packages: holding(one, two) })

  it("keeps streams of its arches with the packages that it holds, and what is told of their modules", () => {
    expect(printed(filtered.documents)).toBe(
      printed(
        merged(
          streamYaml({ rpms: [one, two] }),
          streamYaml({ version: "2", rpms: [one] }),
          streamYaml({ name: "any", arch: "", rpms: [two] }),
          defaultsYaml({ module: "a" })
        ).documents
      )
    )
  })

  it("tells what is left out, but for source packages and streams of other arches", () => {
    expect(filtered.warnings).toEqual([
      "the module stream a:1 (version 2, context c, x86_64) lists a package that the repository does not hold: left out of it",
      "the module stream gone:1 (version 1, context c, x86_64) is left out: the repository holds none of its packages"
    ])
  })

  it("changes nothing when it is done again", () => {
    fc.assert(
      fc.property(fc.subarray([one, two, "three-0:1-1.x86_64"]), (nevras) => {
        const repository = { arches: ["x86_64"], packages: holding(...nevras) }
        const once = filterModules(merged(text).documents, repository)
        expect(filterModules(once.documents, repository)).toEqual({ documents: once.documents, warnings: [] })
      })
    )
  })

  it("limits the map from checksums to packages too, and tells of other checksums", () => {
    const map = `    rpm-map: {sha256: {aa: {nevra: "${one}"}, "00": {nevra: "${two}"}, bb: {nevra: "x-0:1-1.noarch"}}}\n`
    const { documents, warnings } = filterModules(read(streamYaml({ rpms: [one, two] }).replace("...", `${map}...`)), {
      arches: ["x86_64"],
      packages: holding(one, two)
    })
    expect(printed(documents)).toContain(
      `    rpm-map:\n      sha256:\n        "00":\n          nevra: ${two}\n        aa:\n          nevra: ${one}\n...`
    )
    expect(warnings).toEqual([
      `the module stream a:1 (version 1, context c, x86_64) maps the sha256 aa to ${one}, whose file has 00`
    ])
  })
})

describeWithShared("repodata", "modules")("published modules.yaml files", () => {
  it.each([
    ["f29.yaml.gz", 55],
    ["f29-updates.yaml.gz", 65],
    ["el8-appstream-early-modules.yaml.gz", 99],
    ["eurolinux-8-x86_64-appstream-modules.yaml.gz", 299],
    ["eurolinux-8-x86_64-powertools-modules.yaml.gz", 9],
    ["eurolinux-8-i686-appstream-modules.yaml.gz", 31]
  ])("%s is read, all %i documents, and again as it was printed", (file, count) => {
    const text = gunzipSync(readFileSync(sharedPath("repodata", "modules", file))).toString()
    const documents = read(text)
    expect(documents.length).toBe(count)
    const once = printed(documents)
    expect(printed(read(once))).toBe(once)
  })

  it("that are good and bad have their bad documents told", () => {
    const bad = readFileSync(sharedPath("repodata", "modules", "libmodulemd-tests", "good_and_bad.yaml"), "utf8")
    expect(refusal(bad)).toBe('document 3 (line 175): version is "3000", which is not known of modulemd')
  })
})
