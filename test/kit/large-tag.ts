import { join } from "node:path"
import { Effect } from "effect"
import { packageBytes, planBuilds, writeBuilds } from "../bench/packages/generate.ts"
import { readModels } from "../bench/packages/models.ts"
import type { ExportRig } from "./export-rig.ts"
import { fixture } from "./fixtures.ts"

/**
 * Makes a tag "large" in a rig's hub, for x86_64, of 300 small packages cloned from the fixtures under new names: enough for its
 * metadata to be published in several gzip members and zstd frames. Unsigned. Gives the packages' paths.
 */
export const addLargeTag = async (rig: ExportRig): Promise<ReadonlyArray<string>> => {
  const options = { packages: 300, seed: 9, payloadBytes: 1024 }
  const builds = planBuilds(readModels(fixture("unsigned"), 20), options)
  const files = writeBuilds(join(rig.folder, "generated"), builds, packageBytes(options))
  const names = builds.map(({ name }) => name)
  const nvrs = builds.map(({ nvr }) => nvr)
  await rig.hub((hub) =>
    Effect.gen(function* () {
      yield* hub.importRpms(files)
      yield* hub.addTag("large", { arches: "x86_64" })
      yield* hub.addPackages("large", names)
      yield* hub.tagBuild("large", nvrs)
    })
  )
  return files
}

/** The request that exports it. */
export const largeTagRequest = { tag: "large", keys: [], missingSignatures: "allow" } as const
