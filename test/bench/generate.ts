import { createCipheriv, createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Either } from "effect"
import { type CloneIdentity, cloneRpm, type Model, readModel } from "./clone.ts"

export interface GenerateOptions {
  /** How many packages; the last build may be shorter for it. */
  readonly packages: number
  /** The same seed and models give the same bytes. */
  readonly seed: number
  /** Size of each payload in bytes; 64 KiB where not given. */
  readonly payloadBytes?: number
}

/** One build of generated packages: they share a source package `<nvr>.src.rpm`, which need not exist. */
export interface GeneratedBuild {
  readonly name: string
  readonly nvr: string
  readonly packages: ReadonlyArray<GeneratedPackage>
}

export interface GeneratedPackage {
  /** `<name>-<version>-<release>.<arch>.rpm` */
  readonly fileName: string
  readonly model: Model
  readonly identity: CloneIdentity
}

const defaultPayload = 64 * 1024
const payloadShifts = 4096

/**
 * The builds of a make-believe distribution: 1 to 7 packages each (4 on average), cloned from the models in turn. A clone is called
 * `<model>-c<number>`, so that in name order it stands among its like, as the subpackages of a real distribution do.
 */
export const planBuilds = (models: ReadonlyArray<Model>, options: GenerateOptions): ReadonlyArray<GeneratedBuild> => {
  const sizes = createHash("sha256").update(`builds ${options.seed}`).digest()
  const made = new Map<Model, number>()
  const builds: Array<GeneratedBuild> = []
  for (let left = options.packages; left > 0; ) {
    const model = models[builds.length % models.length]
    if (model === undefined) return []
    const size = Math.min(left, 1 + ((sizes[builds.length % sizes.length] ?? 0) % 7))
    const first = made.get(model) ?? 0
    builds.push(buildOf(model, first, size, model.release, 0))
    made.set(model, first + size)
    left -= size
  }
  return builds
}

/** The same build one release later, built a day later: what replaces it in a tag. */
export const updatedBuild = (build: GeneratedBuild): GeneratedBuild => {
  const update = ({ model, identity }: GeneratedPackage): GeneratedPackage =>
    packageOf(model, {
      ...identity,
      release: `${identity.release}.1`,
      buildTimeShift: identity.buildTimeShift + 86_400
    })
  return { name: build.name, nvr: `${build.nvr}.1`, packages: build.packages.map(update) }
}

/** A function that gives the bytes of a planned package; it holds the pseudo-random bytes from which payloads are cut. */
export const packageBytes = (options: GenerateOptions): ((planned: GeneratedPackage) => Buffer) => {
  const payloadBytes = options.payloadBytes ?? defaultPayload
  const key = createHash("sha256").update(`payload ${options.seed}`).digest()
  const noise = createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(payloadBytes + payloadShifts))
  return ({ model, identity, fileName }) => {
    const shift = createHash("sha256").update(fileName).digest().readUInt16BE(0) % payloadShifts
    return cloneRpm(model, identity, noise.subarray(shift, shift + payloadBytes))
  }
}

/** Writes the packages of some builds into a folder, and returns their paths in the order of the builds. */
export const writeBuilds = (
  folder: string,
  builds: ReadonlyArray<GeneratedBuild>,
  bytes: (planned: GeneratedPackage) => Buffer
): ReadonlyArray<string> => {
  mkdirSync(folder, { recursive: true })
  return builds.flatMap((build) =>
    build.packages.map((planned) => {
      const path = join(folder, planned.fileName)
      writeFileSync(path, bytes(planned))
      return path
    })
  )
}

/**
 * The models among the rpm files below a folder: binary packages of format v4 for x86_64 or noarch whose headers are between `smallest`
 * bytes and 256 KiB, one a name, in name order; of more than `limit`, evenly picked ones.
 */
export const readModels = (folder: string, limit: number, smallest = 0): ReadonlyArray<Model> => {
  const models = new Map<string, Model>()
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const full = join(folder, path)
    if (!path.endsWith(".rpm") || !statSync(full).isFile()) continue
    const model = Either.getOrUndefined(readModel(readFileSync(full)))
    if (model === undefined || models.has(model.name)) continue
    if (isUsable(model) && model.headerSize >= smallest) models.set(model.name, model)
  }
  const all = [...models.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const step = Math.max(1, all.length / limit)
  return Array.from({ length: Math.min(limit, all.length) }, (_, index) => all[Math.floor(index * step)]).filter(
    (model) => model !== undefined
  )
}

const isUsable = (model: Model): boolean =>
  (model.arch === "x86_64" || model.arch === "noarch") &&
  model.headerSize <= 256 * 1024 &&
  [model.name, model.version, model.release].every((part) => /^[A-Za-z0-9][A-Za-z0-9._+~^-]*$/.test(part))

const buildOf = (model: Model, first: number, size: number, release: string, buildTimeShift: number) => {
  const cloneName = (number: number): string => `${model.name}-c${String(number).padStart(5, "0")}`
  const build = cloneName(first)
  return {
    name: build,
    nvr: `${build}-${model.version}-${release}`,
    packages: Array.from({ length: size }, (_, index) =>
      packageOf(model, { name: cloneName(first + index), release, build, buildTimeShift })
    )
  }
}

const packageOf = (model: Model, identity: CloneIdentity): GeneratedPackage => ({
  fileName: `${identity.name}-${model.version}-${identity.release}.${model.arch}.rpm`,
  model,
  identity
})
