import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { Either } from "effect"
import { type Model, readModel } from "./clone.ts"

/** What a package must be like to serve as a model. */
export interface ModelLimits {
  /** Header size in bytes, from and to. */
  readonly smallest?: number
  readonly largest?: number
  /** The most provides. */
  readonly provides?: number
}

/** A distribution has packages with thousands of provides, but not one in a hundred, as clones of the few that are models would be. */
const distributionLimits: ModelLimits = { largest: 4 * 1024 * 1024, provides: 256 }

/** All packages below a folder that can stand for those of a distribution. */
export const distributionModels = (folder: string): ReadonlyArray<Model> =>
  readModels(folder, Number.POSITIVE_INFINITY, distributionLimits)

/**
 * The models among the rpm files below a folder: binary packages of format v4 for x86_64 or noarch within the limits (by default
 * headers up to 256 KiB), one a name, in name order; of more than `limit`, evenly picked ones.
 */
export const readModels = (folder: string, limit: number, limits: ModelLimits = {}): ReadonlyArray<Model> => {
  const models = new Map<string, Model>()
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const full = join(folder, path)
    if (!path.endsWith(".rpm") || !statSync(full).isFile()) continue
    const model = Either.getOrUndefined(readModel(readFileSync(full)))
    if (model === undefined || models.has(model.name)) continue
    if (isUsable(model) && isWithin(model, limits)) models.set(model.name, model)
  }
  const all = [...models.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const step = Math.max(1, all.length / limit)
  return Array.from({ length: Math.min(limit, all.length) }, (_, index) => all[Math.floor(index * step)]).filter(
    (model) => model !== undefined
  )
}

const isUsable = (model: Model): boolean =>
  (model.arch === "x86_64" || model.arch === "noarch") &&
  [model.name, model.version, model.release].every((part) => /^[A-Za-z0-9][A-Za-z0-9._+~^-]*$/.test(part))

const isWithin = (model: Model, limits: ModelLimits): boolean =>
  model.headerSize >= (limits.smallest ?? 0) &&
  model.headerSize <= (limits.largest ?? 256 * 1024) &&
  model.provides <= (limits.provides ?? Number.POSITIVE_INFINITY)
