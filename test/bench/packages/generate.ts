import { createCipheriv, createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type CloneIdentity, cloneRpm, type Model } from "./clone.ts"
import { type Draw, drawLike, type Quantiles } from "./statistics.ts"

export interface GenerateOptions {
  /** How many packages each arch has; the last build may be shorter for it. */
  readonly packages: number
  /** The same seed and models give the same bytes. */
  readonly seed: number
  /** Size of each payload in bytes; 64 KiB where not given. */
  readonly payloadBytes?: number
  /** x86_64 where not given. */
  readonly arches?: ReadonlyArray<string>
  /** How many of the packages are noarch, from 0 to 1; where not given those whose model is. */
  readonly noarchShare?: number
  /** How many files the packages have; where not given the models serve in turn. */
  readonly files?: { readonly quantiles: Quantiles; readonly mean: number }
}

/** One build of generated packages: they share a source package `<nvr>.src.rpm`, which need not exist. */
export interface GeneratedBuild {
  readonly name: string
  readonly nvr: string
  readonly version: string
  readonly release: string
  /** Its package files: one of a noarch package, one an arch of any other. */
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

/** Of 16 builds so many have so many packages: 3.5 on average, 2 in the middle. */
const buildSizes = [1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5, 6, 8, 14] as const

/** Of the packages of a build for certain arches, every so manieth is noarch: documentation, data. */
const noarchEvery = 4

/**
 * The builds of a make-believe distribution, whose packages are clones of one model each. A clone is called `<model>-c<number>`, so
 * that in name order it stands among its like, as the subpackages of a real distribution do. A plan of fewer packages is the start
 * of a plan of more.
 */
export const planBuilds = (models: ReadonlyArray<Model>, options: GenerateOptions): ReadonlyArray<GeneratedBuild> => {
  const nextModel = drawing(models, options)
  const arches = options.arches ?? ["x86_64"]
  const made = new Map<Model, number>()
  const builds: Array<GeneratedBuild> = []
  let noarch = 0
  let planned = 0
  while (planned < options.packages) {
    const wanted = options.noarchShare === undefined ? undefined : noarch < options.noarchShare * planned
    const model = nextModel(wanted)
    if (model === undefined) return []
    const size = Math.min(options.packages - planned, sizeOf(options.seed, builds.length))
    const first = made.get(model) ?? 0
    const isNoarch = (index: number): boolean =>
      wanted === undefined ? model.arch === "noarch" : wanted || index % noarchEvery === noarchEvery - 1
    const places = Array.from({ length: size }, (_, index) => ({
      name: cloneName(model, first + index),
      arches: isNoarch(index) ? ["noarch"] : arches
    }))
    builds.push(buildOf(model, cloneName(model, first), places))
    made.set(model, first + size)
    noarch += places.filter((_, index) => isNoarch(index)).length
    planned += size
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
  return {
    ...build,
    nvr: `${build.nvr}.1`,
    release: `${build.release}.1`,
    packages: build.packages.map(update)
  }
}

/** How many packages of a build stand in each arch's repository. */
export const packagesPerArch = (build: GeneratedBuild): number =>
  new Set(build.packages.map(({ identity }) => identity.name)).size

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

/** Gives the next model: of a noarch package or of any other, where that is asked for. */
const drawing = (
  models: ReadonlyArray<Model>,
  { files, noarchShare, seed }: GenerateOptions
): ((noarch: boolean | undefined) => Model | undefined) => {
  const pool = (some: ReadonlyArray<Model>): (() => Model | undefined) => {
    const draw: Draw =
      files === undefined ? (index) => some[index % some.length] : drawLike(some, files.quantiles, files.mean, seed)
    let drawn = 0
    return () => draw(drawn++)
  }
  if (noarchShare === undefined) return pool(models)
  const noarch = pool(models.filter(({ arch }) => arch === "noarch"))
  const others = pool(models.filter(({ arch }) => arch !== "noarch"))
  return (wanted) => (wanted ? noarch() : others())
}

/** Any 16 builds from the start have all the sizes, in an order of their own. */
const sizeOf = (seed: number, build: number): number => {
  const order = createHash("sha256")
    .update(`builds ${seed} ${Math.floor(build / buildSizes.length)}`)
    .digest()
  const shuffled = buildSizes.map((size, index) => ({ size, rank: order.readUInt16BE(2 * index) }))
  return shuffled.sort((a, b) => a.rank - b.rank)[build % buildSizes.length]?.size ?? 1
}

const cloneName = (model: Model, number: number): string => `${model.name}-c${String(number).padStart(5, "0")}`

const buildOf = (
  model: Model,
  name: string,
  places: ReadonlyArray<{ readonly name: string; readonly arches: ReadonlyArray<string> }>
): GeneratedBuild => {
  const { release, version } = model
  return {
    name,
    nvr: `${name}-${version}-${release}`,
    version,
    release,
    packages: places.flatMap((place) =>
      place.arches.map((arch) => packageOf(model, { name: place.name, release, arch, build: name, buildTimeShift: 0 }))
    )
  }
}

const packageOf = (model: Model, identity: CloneIdentity): GeneratedPackage => ({
  fileName: `${identity.name}-${model.version}-${identity.release}.${identity.arch}.rpm`,
  model,
  identity
})
