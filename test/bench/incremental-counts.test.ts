import { readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { fixture } from "../kit/fixtures.ts"
import { footprintOf } from "./measure/footprint.ts"
import { benchArches } from "./packages/arches.ts"
import { packageBytes, packagesPerArch, planBuilds, updatedBuild, writeBuilds } from "./packages/generate.ts"
import { readModels } from "./packages/models.ts"

const tag = "grown"
const request = { tag, keys: [], missingSignatures: "allow" } as const
const models = readModels(fixture("unsigned"), 20)

/** What an export costs, in counts, after the same build of eight packages was replaced in a tag of so many for four arches. */
const replacementIn = async (packages: number) => {
  const rig = await exportRig()
  try {
    const options = { packages, seed: 1, payloadBytes: 256, arches: benchArches, noarchShare: 0.6 }
    const builds = planBuilds(models, options)
    const old = builds.find((build) => packagesPerArch(build) === 8 && build.packages.length > 8)
    if (old === undefined) throw new Error("no build of eight packages for four arches is planned")
    const update = updatedBuild(old)
    await rig.hub((hub) =>
      Effect.gen(function* () {
        const bytes = packageBytes(options)
        yield* hub.importRpms(writeBuilds(join(rig.folder, "generated"), [...builds, update], bytes))
        yield* hub.addTag(tag, { arches: benchArches.join(" ") })
        yield* hub.addPackages(
          tag,
          builds.map(({ name }) => name)
        )
        yield* hub.tagBuild(
          tag,
          builds.map(({ nvr }) => nvr)
        )
      })
    )
    await rig.publish(request)
    const firstStore = footprintOf(rig.store).bytes
    await rig.hub((hub) => Effect.zipRight(hub.untagBuild(tag, [old.nvr]), hub.tagBuild(tag, [update.nvr])))
    blank(rig, new Set(update.packages.map(({ fileName }) => fileName)))
    const ran: Array<string> = []
    const { repo } = await rig.publish(request, {
      onEvent: (event) => {
        if (event._tag === "Finished") ran.push(event.rule)
      }
    })
    return {
      replaced: old.name,
      packageFiles: update.packages.length,
      nodes: (rule: string) => ran.filter((each) => each === rule).length,
      nodesRun: ran.length,
      published: footprintOf(repo.path),
      firstStore,
      storeGrowth: footprintOf(rig.store).bytes - firstStore
    }
  } finally {
    rig.close()
  }
}

/** Overwrites all packages in the topdir but some with zeros, in their length: an export that reads one cannot succeed. */
const blank = ({ topdir }: ExportRig, but: ReadonlySet<string>): void => {
  for (const entry of readdirSync(join(topdir, "packages"), { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".rpm") || but.has(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    writeFileSync(path, Buffer.alloc(statSync(path).size), { flag: "r+" })
  }
}

describe("an export after one build of eight packages was replaced, for four arches", () => {
  let small: Awaited<ReturnType<typeof replacementIn>>
  let large: typeof small

  beforeAll(async () => {
    small = await replacementIn(200)
    large = await replacementIn(600)
  }, 120_000)

  it("reads the packages that are new and no other, however many there are", () => {
    // two of the eight are noarch
    expect(small.packageFiles).toBe(2 + 6 * 4)
    expect(large).toMatchObject({ replaced: small.replaced, packageFiles: small.packageFiles })
    expect(small.nodes("package-metadata")).toBe(small.packageFiles)
    expect(large.nodes("package-metadata")).toBe(small.packageFiles)
  })

  it("runs no more nodes in a larger tag", () => {
    expect(small.nodesRun).toBeGreaterThan(small.packageFiles)
    expect(large.nodesRun).toBeLessThanOrEqual(small.nodesRun)
    expect(large.nodes("compress-group")).toBe(small.nodes("compress-group"))
  })

  it("writes no more files in a larger tag, though it publishes three times the packages", () => {
    expect(small.published.packages).toBe(4 * 200)
    expect(large.published.packages).toBe(4 * 600)
    expect(large.published.files).toHaveLength(small.published.files.length)
  })

  it("adds to the store what changed: the chunks that hold the build, of many", () => {
    expect(large.storeGrowth).toBeGreaterThan(0)
    expect(large.storeGrowth).toBeLessThan(large.firstStore / 4)
  })
})
