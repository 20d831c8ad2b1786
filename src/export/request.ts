import { basename } from "node:path"
import { Data, Either } from "effect"
import type { Compression, DebugLayout, MissingSignatures } from "../../rules/index.ts"
import { canonArch, rpmArchesOf } from "../koji/arch.ts"
import { multilibPartner } from "../koji/multilib.ts"
import type { Layout } from "../publish/write-tree.ts"
import type { GivenMetadata } from "./given-metadata.ts"
import type { SignerRequest } from "./signing-key.ts"

/** A request for a dist repo, as a person makes it. */
export interface DistRepoRequest {
  readonly tag: string
  /** As typed; matched in lower case. */
  readonly keys: ReadonlyArray<string>
  /** Empty: the tag's. */
  readonly arches: ReadonlyArray<string>
  readonly event: number | null
  readonly inherit: boolean
  readonly latest: boolean
  readonly withSrc: boolean
  /** The name of the volume that the repo is to be on; null for the first. */
  readonly volume: string | null
  readonly missingSignatures: MissingSignatures
  /** A local comps file, whose groups each repository has; null for none. */
  readonly comps: string | null
  /** A local configuration of python-multilib: 64-bit repositories get the 32-bit counterparts that it asks for. null for none. */
  readonly multilib: string | null
  /** Limit those groups to the arches of a repository, or to its packages as well; null for neither. */
  readonly filterComps: "arch" | "packages" | null
  /** More metadata, from local files. */
  readonly given: GivenMetadata
  /** Debug information gets a sub-repository in each arch, with packages of its own or in Koji's layout; null: it is among the rest. */
  readonly splitDebuginfo: DebugLayout | null
  /** Leave noarch packages out of arches that their source packages exclude, which Koji does not. */
  readonly limitNoarch: boolean
  /** Who signs repomd.xml; null: nobody. */
  readonly signer: SignerRequest | null
  /** Write signed copies that are missing, from signature headers that were imported before. */
  readonly writeSignedRpms: boolean
  /**
   * false: read each package file in full, and fail where one is not what the hub recorded. Else the hub's word is taken, and each
   * header checked once. null where neither was asked for.
   */
  readonly skipStat: boolean | null
  /** Each metadata file as a zchunk file too; null for none. */
  readonly zchunk: ZchunkRequest | null
  /** SQLite databases beside the XML metadata, for old clients. */
  readonly database: boolean
  /** Repos from which delta rpms are made, as typed: ids, or names of tags whose newest repos are meant. */
  readonly deltaRpms: ReadonlyArray<string>
  readonly compression: Compression
  /** Whether repomd.xml has the checksums of the uncompressed metadata, which validators may want and clients do without. */
  readonly openChecksum: boolean
  readonly layout: Layout
  /** Make a new repo id even where nothing changed. */
  readonly force: boolean
}

/** How zchunk files are asked for. */
export interface ZchunkRequest {
  /** The folder of the dictionaries that they are compressed with; null for none. */
  readonly dictionaries: string | null
}

/** The request makes no sense, whatever the packages are. Koji's words where Koji has some. */
export class BadRequest extends Data.TaggedError("BadRequest")<{
  readonly reason: string
  /** Said on the way to the reason. */
  readonly warnings: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.reason
  }
}

/** A repository's canonical arch and the rpm arches that belong in it. */
interface RepositoryArch {
  readonly arch: string
  readonly rpmArches: ReadonlyArray<string>
}

/** What the request comes to. */
export interface RequestedArches {
  /** As named in the request or by the tag: what repo.json records. */
  readonly named: ReadonlyArray<string>
  readonly repositories: ReadonlyArray<RepositoryArch>
  /** Named but not the tag's: Koji only warns. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * The arches to export: those asked for, else the tag's, without `noarch` (which is in all of them) and with `src` if asked for.
 * Several names of one canonical arch are one repository. Follows Koji's client, but for the test whether the tag has an arch,
 * which is Koji's a search for a substring and ours is exact.
 */
export const requestedArches = (
  request: Pick<DistRepoRequest, "arches" | "multilib" | "tag" | "withSrc">,
  tagArches: ReadonlyArray<string>
): Either.Either<RequestedArches, BadRequest> => {
  const warnings =
    request.arches.length > 0 && tagArches.length === 0
      ? [`Tag ${request.tag} has an empty arch list`]
      : request.arches
          .filter((arch) => !tagArches.includes(arch))
          .map((arch) => `${arch} is not in the list of tag arches`)
  const bad = (reason: string) => Either.left(new BadRequest({ reason, warnings }))
  if (request.arches.length === 0 && tagArches.length === 0) {
    return bad("No arches given and no arches associated with tag")
  }
  const named = (request.arches.length > 0 ? request.arches : tagArches).filter((arch) => arch !== "noarch")
  if (request.withSrc && !named.includes("src")) named.push("src")
  if (named.length === 0) return bad("No arches left.")
  if (request.multilib !== null) {
    const canonical = named.map(canonArch)
    const partner = canonical
      .flatMap((arch) => multilibPartner(arch) ?? [])
      .find((arch) => !canonical.includes(canonArch(arch)))
    if (partner !== undefined) return bad(`The multilib arch (${partner}) must be included`)
  }
  const repositories: Array<RepositoryArch> = []
  const unknown: Array<string> = []
  for (const arch of [...new Set(named.map(canonArch))].sort()) {
    const rpmArches = rpmArchesOf(arch)
    if (rpmArches === undefined) unknown.push(arch)
    else repositories.push({ arch, rpmArches })
  }
  return unknown.length > 0
    ? bad(`Unknown arch: ${unknown.join(", ")} (Koji knows no rpm arches that belong in it)`)
    : Either.right({ named, repositories, warnings })
}

/** The options in Koji's names and order, as repo.json records them, but for the repos of deltas, which are known later. */
export const taskOptions = (request: DistRepoRequest, arches: RequestedArches) => ({
  arch: arches.named,
  comps: request.comps === null ? null : basename(request.comps),
  delta: [],
  event: request.event,
  volume: request.volume,
  inherit: request.inherit,
  latest: request.latest,
  multilib: request.multilib === null ? null : basename(request.multilib),
  split_debuginfo: request.splitDebuginfo !== null,
  skip_missing_signatures: request.missingSignatures === "skip",
  allow_missing_signatures: request.missingSignatures === "allow",
  zck: request.zchunk !== null,
  zck_dict_dir: request.zchunk?.dictionaries ?? null,
  write_signed_rpms: request.writeSignedRpms,
  ...(request.skipStat === null ? {} : { createrepo_skip_stat: request.skipStat })
})
