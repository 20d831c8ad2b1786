import { describe, expect, it } from "vitest"
import { namedDifferences } from "../../rules/named-differences.ts"
import { SetMetadata } from "../../rules/set-metadata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"

const differences = namedDifferences(({ name }: { readonly name: string; readonly of?: number }) => name)

describe("what changed between two lists of named rows", () => {
  it("is nothing where all are there, in whatever order", () => {
    expect(differences([{ name: "a" }, { name: "b" }], [{ name: "b" }, { name: "a" }])).toEqual([])
  })

  it("is a name that came, one that went, and one that says something else", () => {
    expect(
      differences([{ name: "gone" }, { name: "kept", of: 1 }], [{ name: "kept", of: 2 }, { name: "new" }])
    ).toEqual([
      { kind: "changed", subject: "kept", after: "is another" },
      { kind: "added", subject: "new", after: "new" },
      { kind: "removed", subject: "gone", before: "gone" }
    ])
  })

  it("is told of the packages in what a repository's files are made of", async () => {
    const kit = engineKit({ path: fixturePath })
    const rows = fixtureRows()
    const wanted = async (of: typeof rows) =>
      kit.want(SetMetadata, {
        set: await fixtureSet(kit, { rows: of }),
        changelogLimit: 10,
        compression: "gz",
        rows: true
      })
    await wanted(rows.filter(({ version }) => version !== "1.1"))
    await wanted(rows)
    const told = JSON.stringify((await kit.explain()).root)
    expect(told).toContain('"subject":"hello-1.1-1.x86_64","after":"hello-1.1-1.x86_64"')
    expect(told).toContain('"after":"hello-1.1-1.x86_64.rpm"')
  })
})
