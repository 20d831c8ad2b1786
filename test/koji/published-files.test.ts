import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { FastCheck as fc, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { joinKojipkgs, kojipkgs, kojipkgsEntry, pkglistLine } from "../../src/koji/kojipkgs.ts"
import { pythonJson } from "../../src/koji/python-json.ts"
import { repoJson } from "../../src/koji/repo-json.ts"
import { describeWithShared, describeWithTools, sharedPath } from "../kit/oracle.ts"

const Entry = Schema.Struct({
  id: Schema.Int,
  build_id: Schema.Int,
  name: Schema.String,
  version: Schema.String,
  release: Schema.String,
  arch: Schema.String,
  epoch: Schema.NullOr(Schema.Int),
  payloadhash: Schema.String,
  size: Schema.Int,
  buildtime: Schema.Int,
  sigkey: Schema.NullOr(Schema.String),
  _pkgpath: Schema.String,
  _multilib: Schema.optional(Schema.Boolean),
  _subrepo: Schema.optional(Schema.String)
})

describeWithShared("oracle")("kojipkgs, pkglist and repo.json", () => {
  const variants = [
    "basic-one-key",
    "allow-missing-signatures",
    "with-src",
    "empty-tag",
    "two-keys-b-a",
    "uppercase-key",
    "split-debuginfo",
    "multilib-fixed-split-debuginfo"
  ]

  for (const variant of variants) {
    const folder = sharedPath("oracle", "variants", variant)

    it(`are byte for byte those of a real Koji: ${variant}`, () => {
      const arches = readdirSync(join(folder, "files")).filter((arch) =>
        existsSync(join(folder, "files", arch, "kojipkgs"))
      )
      expect(arches.length).toBeGreaterThan(0)
      for (const arch of arches) {
        const text = readFileSync(join(folder, "files", arch, "kojipkgs"), "utf8")
        const entries = Object.values(
          Schema.decodeUnknownSync(Schema.Record({ key: Schema.String, value: Entry }))(JSON.parse(text))
        )
        const packages = entries.map(({ build_id, _pkgpath, _multilib = false, _subrepo = null, ...rpm }) => ({
          ...rpm,
          buildId: build_id,
          path: _pkgpath,
          subrepo: _subrepo,
          multilib: _multilib
        }))
        expect(kojipkgs(packages)).toBe(text)
        expect(joinKojipkgs(packages.map(kojipkgsEntry))).toBe(text)
        for (const [subrepo, listed] of Map.groupBy(packages, (rpm) => rpm.subrepo)) {
          const pkglist = readFileSync(join(folder, "files", arch, subrepo ?? "", "pkglist"), "utf8")
          const lines = listed.map((rpm) => pkglistLine(rpm, subrepo === null ? "" : "../"))
          expect(lines.join("")).toBe(pkglist)
        }
      }
      const record = readFileSync(join(folder, "repo.json"), "utf8")
      const repo = Schema.decodeUnknownSync(RepoJson)(JSON.parse(record))
      const { tag_id: tagId, task_opts: taskOptions, ...rest } = repo
      expect(repoJson({ ...rest, tagId, taskOptions })).toBe(record)
    })
  }
})

const RepoJson = Schema.Struct({
  id: Schema.Int,
  tag: Schema.String,
  tag_id: Schema.Int,
  keys: Schema.Array(Schema.String),
  volume: Schema.NullOr(Schema.String),
  task_opts: Schema.Record({
    key: Schema.String,
    value: Schema.Union(
      Schema.Null,
      Schema.Boolean,
      Schema.Int,
      Schema.String,
      Schema.Array(Schema.Union(Schema.String, Schema.Int))
    )
  })
})

describe("JSON as Python writes it", () => {
  it("has nothing beyond ASCII", () => {
    expect(pythonJson('é\u007f\u{1f600}\n\u0001"\\/', 2)).toBe('"\\u00e9\\u007f\\ud83d\\ude00\\n\\u0001\\"\\\\/"')
  })
})

describeWithTools("python3")("JSON and Python's json module", () => {
  it("agree on strings, integers, lists and objects", () => {
    const values = fc.sample(fc.jsonValue({ noUnicodeString: false }).filter(hasIntegersOnly), 300)
    const script = "import json,sys\nprint(json.dumps([json.dumps(v,indent=2) for v in json.load(sys.stdin)]))"
    const { stdout } = spawnSync("python3", ["-c", script], { input: JSON.stringify(values), encoding: "utf8" })
    const expected = Schema.decodeUnknownSync(Schema.Array(Schema.String))(JSON.parse(stdout))
    expect(values.map((value) => pythonJson(JSON.parse(JSON.stringify(value)), 2))).toEqual(expected)
  })
})

const hasIntegersOnly = (value: unknown): boolean =>
  typeof value === "number"
    ? Number.isSafeInteger(value)
    : Object.values(Object(value)).every((part) => typeof part === "string" || hasIntegersOnly(part))
