import { execFileSync } from "node:child_process"
import { FastCheck as fc } from "effect"
import { expect, it } from "vitest"
import { pythonText } from "../../../src/cli/words/python-text.ts"
import type { Json } from "../../../src/hub/model.ts"
import { describeWithTools } from "../../kit/oracle.ts"

/** Python's own text for JSON values, for all of them in one run. */
const python = (values: ReadonlyArray<Json>): ReadonlyArray<string> =>
  JSON.parse(
    execFileSync(
      "python3",
      [
        "-c",
        "import json,sys,pprint; print(json.dumps([pprint.pformat(v, width=10**9) for v in json.load(sys.stdin)]))"
      ],
      { input: JSON.stringify(values), encoding: "utf8" }
    )
  )

describeWithTools("python3")("a value as Python prints it", () => {
  it("is what pprint prints", () => {
    const values: ReadonlyArray<Json> = [
      "dnf",
      "it's",
      'say "x"',
      `both ' and "`,
      "a\\b\n\t\u0007\u00e9\u200b",
      12345678,
      -1.5,
      1e-7,
      0,
      true,
      false,
      null,
      [],
      {},
      [1, "a", [null]],
      { b: 1, a: { c: [true] } }
    ]
    expect(values.map(pythonText)).toEqual(python(values))
  })

  it("is so for any printable text", () => {
    const texts = fc.sample(fc.string(), { numRuns: 300, seed: 42 })
    expect(texts.map(pythonText)).toEqual(python(texts))
  })
})
