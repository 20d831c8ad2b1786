import type { DebugLayout } from "../../../rules/index.ts"
import type { Tag2distrepo } from "../../koji/tag2distrepo.ts"
import { noMetadata } from "../given-metadata.ts"
import type { DistRepoRequest } from "../request.ts"

/** What tags do not say of their repos themselves: the same for all that are watched. */
export interface CommonOptions
  extends Pick<DistRepoRequest, "compression" | "database" | "layout" | "limitNoarch" | "openChecksum" | "signer"> {
  /** Where debug information is apart. */
  readonly debugLayout: DebugLayout
}

/**
 * The request that a watched tag's own options come to. Without keys every rpm is taken as it was imported; with keys each must be signed,
 * and signed copies that are missing are written. Source: Koji's plugin tag2distrepo.
 */
export const tagRequest = (
  tag: string,
  options: Tag2distrepo,
  { debugLayout, ...common }: CommonOptions
): DistRepoRequest => ({
  ...common,
  tag,
  keys: options.keys,
  arches: options.arches,
  event: null,
  inherit: options.inherit,
  latest: options.latest,
  withSrc: false,
  volume: null,
  missingSignatures: options.keys.length === 0 ? "allow" : "fail",
  comps: null,
  multilib: null,
  filterComps: null,
  given: noMetadata,
  splitDebuginfo: options.splitDebuginfo ? debugLayout : null,
  writeSignedRpms: options.keys.length > 0,
  skipStat: null,
  zchunk: null,
  deltaRpms: [],
  force: false
})
