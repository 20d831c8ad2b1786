import { collectGarbage, collectIfLarge, type GcPolicy, type GcRequest } from "../../graph/index.ts"
import { Createrepo, DistRepo, InternalRepo } from "../../rules/index.ts"
import { rememberedBlobs } from "../source/remembered-blobs.ts"

/** What is kept unless something else is asked for, whatever the size. */
export const usualPolicy: Omit<GcPolicy, "maxSize"> = { keepWithin: 24 * 3600_000, lifetime: 90 * 24 * 3600_000 }

type Request = Omit<GcRequest, "rules" | "remembered">

/** Collects garbage in a store of exports; see {@link collectGarbage}. */
export const collectStore = (request: Request) => collectGarbage({ ...request, ...knowledge })

/** What follows an export: collects garbage where the store has outgrown this size in bytes; null for no bound. See {@link collectIfLarge}. */
export const collectLargeStore = (directory: string, maxSize: number | null) =>
  collectIfLarge({ directory, policy: { ...usualPolicy, maxSize }, ...knowledge })

/** Every rule of which an export may want a result, and what sources remember. */
const knowledge = { rules: [DistRepo, InternalRepo, Createrepo], remembered: rememberedBlobs }
