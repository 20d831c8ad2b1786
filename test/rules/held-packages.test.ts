import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { type DigestOf, hashOf, Store, withBlobs } from "../../graph/index.ts"
import type { MetadataRow } from "../../rules/compress-group.ts"
import { HeldPackages, readHeldPackages } from "../../rules/held-packages.ts"
import { RowsList } from "../../rules/rows-list.ts"
import { fileName } from "../../src/rpm/nevra.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"
import { metadataRows } from "./metadata-rows.ts"

type Kit = ReturnType<typeof engineKit>

const listOf = (kit: Kit, chunks: ReadonlyArray<DigestOf<ReadonlyArray<MetadataRow>>>) =>
  kit.give(
    RowsList,
    chunks.map((rows, at) => ({ rows, first: `chunk-${at}` }))
  )

const held = async (kit: Kit, rows: ReturnType<typeof listOf>) =>
  Effect.runPromise(
    readHeldPackages(await kit.want(HeldPackages, { rows })).pipe(withBlobs, Effect.provideService(Store, kit.store))
  )

describe("what a repository holds", () => {
  it("is each of its packages, by its name, its file and the checksum of that", async () => {
    const kit = engineKit({ path: fixturePath })
    const files = ["greet-doc-2.0-3.noarch.rpm", "minish-5-2.x86_64.rpm"]
    const rows = listOf(kit, [await metadataRows(kit, files.slice(0, 1)), await metadataRows(kit, files.slice(1))])
    const sumOf = (file: string) =>
      fixtureRows().flatMap((rpm) => (fileName(rpm) === file ? [hashOf(rpm.primary)] : []))
    expect(await held(kit, rows)).toEqual([
      {
        name: "greet-doc",
        nevra: "greet-doc-0:2.0-3.noarch",
        checksumType: "sha256",
        checksum: sumOf(files[0] ?? "")[0],
        fileName: files[0]
      },
      {
        name: "minish",
        nevra: "minish-0:5-2.x86_64",
        checksumType: "sha256",
        checksum: sumOf(files[1] ?? "")[0],
        fileName: files[1]
      }
    ])
  })

  it("is nothing where the repository is empty", async () => {
    const kit = engineKit()
    expect(await held(kit, listOf(kit, []))).toEqual([])
    expect(kit.ran()).toEqual(["held-packages"])
  })

  it("is read again of the chunk that changed only, and named by the chunk", async () => {
    const kit = engineKit({ path: fixturePath })
    const [one, two, three] = [
      await metadataRows(kit, ["greet-doc-2.0-3.noarch.rpm"]),
      await metadataRows(kit, ["minish-5-2.x86_64.rpm"]),
      await metadataRows(kit, ["libgreet-2.0-3.x86_64.rpm"])
    ]
    await kit.want(HeldPackages, { rows: listOf(kit, [one, two]) })
    kit.ran()
    await kit.want(HeldPackages, { rows: listOf(kit, [one, three]) })
    expect(kit.ran()).toEqual(["held-packages", "held-packages-chunk chunk-1"])
  })
})
