import { Effect } from "effect"
import {
  type BlobMissing,
  Bytes,
  canonicalJson,
  fingerprint,
  type InputOf,
  type Store,
  type StoreError,
  withBlobs,
  writeBlob
} from "../../graph/index.ts"
import { InternalRepo } from "../../rules/index.ts"
import type { HubUnavailable, NoSuchTag } from "../hub/errors.ts"
import { Hub } from "../hub/hub.ts"
import type { TagInfo } from "../hub/model.ts"
import { canonArch } from "../koji/arch.ts"
import { compsOfGroups } from "../koji/comps-of-groups.ts"
import type { InternalRepoRecord } from "../koji/repo-json.ts"
import { chooseRepoOptions, isTrue, type RepoOptions } from "../koji/repo-options.ts"
import { type ContentRequest, Source, type SourceError, type TagSnapshot } from "../source/source.ts"
import { externalRepos } from "./external-repos.ts"
import { groupRecords } from "./group-file.ts"
import { changelogLimit } from "./prepare.ts"
import { BadRequest } from "./request.ts"
import type { RepoIdentity } from "./standing-repo.ts"

/** A request for a tag's internal repo. */
export interface InternalRepoRequest {
  readonly tag: string
  /** Other options than the tag's own. */
  readonly opts: Partial<RepoOptions>
  /** Make a new repo id even where nothing changed. */
  readonly force: boolean
}

/** What a request comes to. */
export interface PreparedRepo {
  readonly input: InputOf<typeof InternalRepo>
  readonly identity: RepoIdentity
  /** What repo.json records, but for the id and the event. */
  readonly record: Omit<InternalRepoRecord, "id" | "event">
  /** How the tag's content was read. */
  readonly read: ContentRequest
  /** That everything was read at. */
  readonly event: number
  readonly warnings: ReadonlyArray<string>
}

/** Reads the tag's content, and at the event of that its groups, its blocked packages and its configuration. */
export const prepareInternal = (request: InternalRepoRequest, repair: boolean) =>
  Effect.gen(function* () {
    const source = yield* Source
    const { read, snapshot, tag } = yield* contentOf(request, repair)
    const { customOpts, opts, warnings } = chooseRepoOptions(tag.extra, request.opts)
    const arches = yield* repoArches(tag, opts)
    const hub = yield* Hub
    const external = yield* externalRepos(
      yield* hub.externalRepoList(request.tag, snapshot.event),
      arches,
      source.topdir
    )
    const groups = yield* hub.groups(request.tag, { event: snapshot.event })
    const packages = yield* hub.listPackages(request.tag, { event: snapshot.event })
    const blocked = packages.filter(({ blocked }) => blocked).map(({ packageName }) => `${packageName}\n`)
    const [comps, blocklist] = yield* withBlobs(
      Effect.all([
        writeBlob(Bytes, compsOfGroups(groups, { expand: true })),
        writeBlob(Bytes, Buffer.from(blocked.join("")))
      ])
    )
    const options = {
      arches,
      ...(opts.src ? { src: true as const } : {}),
      ...(opts.debuginfo ? { debuginfo: true as const } : {}),
      blocklist,
      groups: comps,
      ...(Object.keys(external).length === 0 ? {} : { external }),
      additional: groupRecords("gz").map((record) => ({ ...record, name: "comps.xml", content: comps })),
      compression: "gz" as const,
      changelogLimit,
      openChecksum: true
    }
    const record = { tag: request.tag, tagId: tag.id, opts, customOpts }
    const prepared: PreparedRepo = {
      input: { ...options, snapshot: snapshot.content, stamp: snapshot.stamp },
      identity: {
        content: snapshot.content,
        options: canonicalJson({ ...options, recorded: record }),
        fingerprint: fingerprint(InternalRepo)
      },
      record,
      read,
      event: snapshot.event,
      warnings
    }
    return prepared
  })

/** Whether older builds belong to the content the tag's extra says, which may change before the content is read. */
const contentOf = (
  request: InternalRepoRequest,
  repair: boolean
): Effect.Effect<
  { readonly read: ContentRequest; readonly snapshot: TagSnapshot; readonly tag: TagInfo },
  ContentError,
  Hub | Source | Store
> =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const source = yield* Source
    const latest = !hasAllBuilds(yield* hub.tagInfo(request.tag))
    const read = { event: null, inherit: true, latest }
    const snapshot = yield* source.snapshot(request.tag, read, { afresh: repair || request.force })
    const tag = yield* hub.tagInfo(request.tag, snapshot.event)
    return hasAllBuilds(tag) === latest ? yield* contentOf(request, repair) : { read, snapshot, tag }
  })

type ContentError = HubUnavailable | NoSuchTag | SourceError | StoreError | BlobMissing

const hasAllBuilds = ({ extra }: TagInfo): boolean => isTrue(extra["repo_include_all"])

/** The tag's own arches, by their canonical names. Koji makes a repo without any where there are none, of which nobody can build. */
const repoArches = ({ arches, name }: TagInfo, opts: RepoOptions): Effect.Effect<ReadonlyArray<string>, BadRequest> => {
  const own = arches.split(" ").filter((arch) => arch !== "" && arch !== "noarch" && arch !== "src")
  const wanted = [...new Set([...own.map(canonArch), ...(opts.separate_src ? ["src"] : [])])].sort()
  return wanted.length === 0
    ? new BadRequest({
        reason: `${name} has no arches of its own, so its repo would be empty: give it some with edit-tag --arches`,
        warnings: []
      })
    : Effect.succeed(wanted)
}
