import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { JSONSchema } from "effect"
import { expect, it } from "vitest"
import { RepoStory } from "../../src/export/story.ts"

const file = join(import.meta.dirname, "../../docs/explain.schema.json")

it("docs/explain.schema.json describes the story that --explain --json gives (DISTGRAPH_WRITE_SCHEMA=1 writes it)", () => {
  const schema = `${JSON.stringify(JSONSchema.make(RepoStory), null, 2)}\n`
  if (process.env["DISTGRAPH_WRITE_SCHEMA"] !== undefined) writeFileSync(file, schema)
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(schema))
})
