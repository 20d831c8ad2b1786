import { spawnSync } from "node:child_process"
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { packageFilter } from "../../src/koji/package-filter.ts"
import { describeWithTools } from "../kit/oracle.ts"

const matches = (pattern: string, name: string): boolean | string =>
  Either.match(packageFilter(pattern), { onLeft: (bad) => bad.message, onRight: (filter) => filter(name) })

describe("a package filter", () => {
  it("must match at the start of a name, not to its end", () => {
    expect(matches("kernel", "kernel-rt")).toBe(true)
    expect(matches("rt", "kernel-rt")).toBe(false)
    expect(matches("a|b", "xb")).toBe(false)
    expect(matches("^(?!filteredpkg)", "filteredpkg")).toBe(false)
    expect(matches("^(?!filteredpkg)", "bash")).toBe(true)
    expect(matches("", "anything")).toBe(true)
  })

  it("may use what Python has of its own", () => {
    expect(matches("(?i)KERNEL", "kernel")).toBe(true)
    expect(matches("(?P<a>x)y$", "xy")).toBe(true)
    expect(matches("(?m)a$", "a\nb")).toBe(true)
    expect(matches("(?s)a.b", "a\nb")).toBe(true)
    expect(matches("a??b+?c", "abbc")).toBe(true)
    expect(matches("lib(?<=lib)x(?<!y)", "libx")).toBe(true)
    expect(matches("a{b", "a{b")).toBe(true)
    expect(matches("\\Abash\\Z", "bash")).toBe(true)
    expect(matches("\\Abash\\Z", "bash-completion")).toBe(false)
    expect(matches("a(?#no comment)b", "ab")).toBe(true)
    expect(matches("[]x]+$", "]x")).toBe(true)
    expect(matches("[^]x]$", "]")).toBe(false)
    expect(matches("[\\\\a]$", "a")).toBe(true)
    expect(matches("a{,2}$", "aa")).toBe(true)
  })

  it("is refused, with the reason, where it uses what is not supported", () => {
    for (const pattern of ["(?x) a", "(?>a)b", "a++", "(?(1)a|b)", "(?L)a", "\\N{DASH}", "(a)\\1", "(?P<a>x)(?P=a)"]) {
      expect(matches(pattern, "a")).toMatch(/^the package filter ".*" uses .*, which is not supported$/)
    }
  })

  it("is refused where it cannot be read", () => {
    for (const pattern of ["(", "a)", "[a", "[]", "*a", "^*", "a**", "a{2,1}", "[b-a]", "(?<=a+)b", "\\"]) {
      expect(matches(pattern, "a")).toMatch(/^the package filter/)
    }
  })

  it("takes no time worth mentioning, whatever it repeats and however often", () => {
    const name = "a".repeat(255)
    const started = performance.now()
    expect(matches("(a|a)*$", `${name}b`)).toBe(false)
    expect(matches("(a{1,20}){1,20}$", `${name}b`)).toBe(false)
    expect(matches("(a{1,20}){1,20}$", name)).toBe(true)
    expect(matches("(a+)+$", `${name}b`)).toBe(false)
    expect(matches(`${"a?".repeat(200)}${"a".repeat(200)}$`, "a".repeat(199))).toBe(false)
    expect(matches(`${"(a|a)".repeat(190)}b`, name)).toBe(false)
    expect(matches(`${"a*".repeat(400)}b`, name)).toBe(false)
    expect(matches("(a*?|(?=(a|aa)+$)a)*b", name)).toBe(false)
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it("is refused where its repetitions nest so deep that it could take long", () => {
    expect(matches("(((a+b?)+c?)+d?)+", "a")).toMatch(/repeats repetitions more than 3 deep/)
    expect(matches("((a+b?)+c?)+", "abaca")).toBe(true)
    expect(matches(`${"(".repeat(400)}a${")".repeat(400)}`, "a")).toMatch(/nests groups more than 50 deep/)
  })

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, name) => {
        expect(["boolean", "string"]).toContain(typeof matches(pattern, name))
      })
    )
  })
})

describeWithTools("python3")("a package filter and Python's re.match", () => {
  it("agree on every pattern that is taken", () => {
    const piece = fc.constantFrom(
      ..."a b ab - \\. . \\w \\d [ab] [^a] []a] (a|b) (?:ab)? (a|ab)* (?:a+b?){2} a+ b* a?? a{1,2} b{,2} b{2} (?P<n>a) $ ^ \\Z (?!b) (?=a) (?<=a) (?<!b) \\b \\B |".split(
        " "
      )
    )
    const cases = fc.sample(
      fc.tuple(
        fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join("")),
        fc.stringMatching(/^[ab.\-1]{1,6}$/)
      ),
      2000
    )
    const script =
      "import json,re,sys\n" +
      "def m(p,n):\n try: return bool(re.match(p,n))\n except re.error: return None\n" +
      "print(json.dumps([m(p,n) for p,n in json.load(sys.stdin)]))"
    const answers: unknown = JSON.parse(
      spawnSync("python3", ["-c", script], { input: JSON.stringify(cases), encoding: "utf8" }).stdout
    )
    const taken = cases.map(([pattern, name]) => matches(pattern, name))
    const comparable = (values: unknown) =>
      Array.isArray(values)
        ? values.flatMap((value, at) =>
            typeof taken[at] === "boolean" && value !== null ? [[...(cases[at] ?? []), value]] : []
          )
        : []
    expect(comparable(taken)).toEqual(comparable(answers))
    expect(comparable(taken).length).toBeGreaterThan(1000)
  })
})
