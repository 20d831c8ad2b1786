import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either, FastCheck as fc, Layer, ManagedRuntime } from "effect"
import { layerDirectory } from "../../graph/index.ts"
import { distRepo, type ExportEvent } from "../../src/export/dist-repo.ts"
import type { DistRepoRequest } from "../../src/export/request.ts"
import { Hub } from "../../src/hub/hub.ts"
import { layerLocalHub } from "../../src/source/local-hub.ts"
import { rigRequest } from "../kit/export-rig.ts"
import { fixture, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"

/** One thing that happens to a tag, or to what is asked of its exports. */
export type Step = { readonly tag: HistoryTag } & (
  | { readonly does: "tag" | "untag" | "retag"; readonly build: string }
  | { readonly does: "block" | "unblock"; readonly package: string }
  | { readonly does: "sign"; readonly build: string; readonly key: "a" | "b" }
  | { readonly does: "ask"; readonly for: Partial<DistRepoRequest> }
)

/** `updates` inherits from `base`, so what happens there shows in its exports too. */
type HistoryTag = "base" | "updates"

const builds = [
  "clockwork-3.2-4",
  "demo-release-42-1",
  "forecast-0.9^git20240131.abc1234-2",
  "hello-1.0-1",
  "hello-1.1-1",
  "libgreet-2.0-3",
  "minish-5-2",
  "scratchpad-0.1-1",
  "weather-2.0~rc1-1"
]

const packageOf = (build: string): string => build.split("-").slice(0, -2).join("-")
const packages = [...new Set(builds.map(packageOf))]

const { a, b } = fixtureKeys
const asks: ReadonlyArray<Partial<DistRepoRequest>> = [
  { keys: [a] },
  { keys: [b] },
  { keys: [a, b] },
  { keys: [b, a] },
  { keys: [b.toUpperCase()] },
  { missingSignatures: "allow" },
  { missingSignatures: "skip" },
  { missingSignatures: "fail" },
  { compression: "gz" },
  { compression: "zstd" },
  { arches: ["x86_64"] },
  { arches: ["aarch64", "i686"] },
  { arches: [] },
  { withSrc: true },
  { withSrc: false },
  { latest: false },
  { latest: true },
  { inherit: false },
  { inherit: true },
  { layout: "copy" },
  { layout: "shared" },
  { layout: "hardlink" },
  { openChecksum: false },
  { openChecksum: true }
]

/** `constantFrom`, for literal types. */
const oneOf = <const A>(...values: ReadonlyArray<A>): fc.Arbitrary<A> => fc.constantFrom(...values)

const tags = oneOf("base", "updates")
const someBuild = fc.constantFrom(...builds)

/** Histories of one to eight steps. */
export const histories: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ tag: tags, does: oneOf("tag", "untag", "retag"), build: someBuild })
    },
    {
      weight: 1,
      arbitrary: fc.record({
        tag: tags,
        does: oneOf("block", "unblock"),
        package: fc.constantFrom(...packages)
      })
    },
    {
      weight: 2,
      arbitrary: fc.record({ tag: tags, does: oneOf("sign"), build: someBuild, key: oneOf("a", "b") })
    },
    { weight: 3, arbitrary: fc.record({ tag: tags, does: oneOf("ask"), for: fc.constantFrom(...asks) }) }
  ),
  { minLength: 1, maxLength: 8 }
)

/** A folder in memory where there is one: publications flush every file. */
const fastFolder = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()

/** Imports the fixture packages, unsigned, once; each history starts from a copy. */
export const historyTemplate = async () => {
  const folder = mkdtempSync(join(fastFolder, "distgraph-history-"))
  const template = join(folder, "template")
  const filling = Effect.flatMap(Hub, (hub) =>
    Effect.gen(function* () {
      yield* hub.importRpms(fixtureNames("unsigned").map((name) => fixture("unsigned", name)))
      yield* hub.addTag("base", { arches: "x86_64 aarch64" })
      yield* hub.addTag("updates")
      yield* hub.addTagInheritance("updates", "base")
      yield* hub.addPackages("base", packages)
      yield* hub.tagBuild("base", ["demo-release-42-1", "hello-1.0-1", "libgreet-2.0-3"])
    })
  )
  await Effect.runPromise(Effect.provide(filling, Hub.layer(template)))
  let made = 0
  return {
    start: () => {
      made += 1
      return startHistory(template, join(folder, String(made)))
    },
    close: (): void => rmSync(folder, { recursive: true, force: true })
  }
}

/** A hub with a history of its own and one store, warm from export to export, that both tags share. */
const startHistory = (template: string, folder: string) => {
  const topdir = join(folder, "topdir")
  cpSync(template, topdir, { recursive: true })
  const runtime = ManagedRuntime.make(Layer.provideMerge(layerLocalHub, Hub.layer(topdir)))
  const warm = join(folder, "store")
  const requests: Record<HistoryTag, DistRepoRequest> = {
    base: { ...rigRequest, tag: "base", missingSignatures: "allow" },
    updates: { ...rigRequest, tag: "updates", missingSignatures: "skip" }
  }
  let colds = 0

  const exported = (request: DistRepoRequest, store: string, onEvent?: (event: ExportEvent) => void) =>
    runtime.runPromise(Effect.either(Effect.provide(distRepo(request, onEvent), layerDirectory(store))))

  return {
    topdir,
    /** Does a step; what the hub refuses changes nothing. */
    take: async (step: Step): Promise<void> => {
      if (step.does === "ask") requests[step.tag] = { ...requests[step.tag], ...step.for }
      else
        await runtime.runPromise(
          Effect.flatMap(Hub, (hub) => Effect.catchTag(happen(hub, step), "HubRefused", () => Effect.void))
        )
    },
    /** Exports as it is asked for, over the warm store. */
    export: (tag: HistoryTag, onEvent?: (event: ExportEvent) => void) => exported(requests[tag], warm, onEvent),
    /** Exports the same over an empty store. The repo is there to be read, but the hub forgets it. */
    fromScratch: async (tag: HistoryTag) => {
      colds += 1
      const store = join(folder, `cold-${colds}`)
      const result = await exported({ ...requests[tag], force: true }, store)
      rmSync(store, { recursive: true, force: true })
      if (Either.isRight(result)) {
        await runtime.runPromise(Effect.flatMap(Hub, (hub) => hub.setRepoState(result.right.repo.id, "DELETED")))
      }
      return result
    },
    close: async (): Promise<void> => {
      await runtime.dispose()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const happen = (hub: Hub["Type"], step: Exclude<Step, { readonly does: "ask" }>) => {
  switch (step.does) {
    case "tag":
      return hub.tagBuild(step.tag, [step.build])
    case "untag":
      return hub.untagBuild(step.tag, [step.build])
    case "retag":
      return Effect.zipRight(
        Effect.ignore(hub.untagBuild(step.tag, [step.build])),
        hub.tagBuild(step.tag, [step.build])
      )
    case "block":
      return hub.blockPackages(step.tag, [step.package])
    case "unblock":
      return hub.unblockPackages(step.tag, [step.package])
    case "sign":
      return Effect.asVoid(Effect.orDie(hub.importSignatures(signedFiles(step.build, step.key))))
  }
}

/** The packages of a build, and those only, that a key has signed: found by their place in the unsigned fixtures' builds. */
const signedFiles = (build: string, key: "a" | "b"): ReadonlyArray<string> => {
  const copy = key === "a" ? "key-a" : "key-b"
  const [version, release] = build.split("-").slice(-2)
  const names =
    packageOf(build) === "libgreet"
      ? ["libgreet", "libgreet-devel", "libgreet-debuginfo", "greet-doc"]
      : [packageOf(build)]
  return fixtureNames(copy)
    .filter((file) => names.some((name) => file.startsWith(`${name}-${version}-${release}.`)))
    .map((file) => fixture(copy, file))
}
