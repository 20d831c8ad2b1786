import { layer as nodeFileSystem } from "@effect/platform-node/NodeFileSystem"
import { Context, type Effect, type Either, Layer, type Option } from "effect"
import type { FullLink, InheritanceLink } from "../koji/inheritance.ts"
import type { MergeMode } from "../koji/merge-repos.ts"
import type { TagGroup } from "../koji/tag-groups.ts"
import type {
  HubRefused,
  HubUnavailable,
  NoSuchBuild,
  NoSuchEvent,
  NoSuchRepo,
  NoSuchRpm,
  NoSuchTag,
  PublishLockHeld,
  RpmsRefused
} from "./errors.ts"
import type { ExternalRepoUse } from "./external-repos.ts"
import type { GroupOptions } from "./groups.ts"
import type {
  BuildConfig,
  BuildInfo,
  ContentCause,
  ContentOptions,
  ExternalRepo,
  FormerContent,
  HistoryEntry,
  HubEvent,
  HubRpm,
  ImportOutcome,
  Json,
  LinkOptions,
  ListOptions,
  MoveOutcome,
  NewRepo,
  PackageEntry,
  ReadyRepo,
  RepoKind,
  RepoRow,
  RepoState,
  RpmCopy,
  SignatureOutcome,
  TagContent,
  TagExternalRepo,
  TaggedBuild,
  TagInfo,
  Volume,
  WriteOutcome
} from "./model.ts"
import { openHub } from "./open-hub.ts"
import type { GetRepoOptions, PlacedRepo, RepoQuery } from "./repos.ts"

/**
 * The local hub: a tag database with Koji's semantics in `<topdir>/hub.db`, and the rpm files in Koji's topdir layout.
 * Every change is made at an event, and any past event can be read again. Several processes may use one topdir at once. A user
 * who may not write there can read; what would change something fails.
 */
export class Hub extends Context.Tag("distgraph/Hub")<Hub, HubService>() {
  /**
   * Opens the hub of a topdir, and makes the folder and an empty database where there are none yet.
   * `user` is the name that changes are recorded under; by default the name of the operating system's user.
   */
  static readonly layer = (topdir: string, options?: { readonly user?: string }): Layer.Layer<Hub, HubUnavailable> =>
    Layer.provide(Layer.scoped(Hub, openHub(topdir, options?.user)), nodeFileSystem)
}

/** Tags, builds and rpms are named by name, N-V-R and N-V-R.A. An `event` of null means now. */
export interface HubService {
  readonly topdir: string

  // tags
  /** Koji's `add-tag`. */
  readonly addTag: (
    name: string,
    options?: { readonly arches?: string; readonly extra?: Readonly<Record<string, Json>> }
  ) => Effect.Effect<TagInfo, HubUnavailable | HubRefused>
  /** Koji's `edit-tag`: what is absent stays. `removeExtra` drops values of the tag, `blockExtra` hides inherited ones. */
  readonly editTag: (
    name: string,
    change: {
      readonly arches?: string
      readonly locked?: boolean
      readonly extra?: Readonly<Record<string, Json>>
      readonly removeExtra?: ReadonlyArray<string>
      readonly blockExtra?: ReadonlyArray<string>
    }
  ) => Effect.Effect<TagInfo, HubUnavailable | NoSuchTag | HubRefused>
  /** All tags, by name. */
  readonly listTags: (options?: {
    readonly event?: number | null
  }) => Effect.Effect<ReadonlyArray<TagInfo>, HubUnavailable>
  readonly tagInfo: (tag: string, event?: number | null) => Effect.Effect<TagInfo, HubUnavailable | NoSuchTag>
  readonly buildConfig: (
    tag: string,
    event?: number | null
  ) => Effect.Effect<BuildConfig, HubUnavailable | NoSuchTag | HubRefused>

  // inheritance
  /** Adds or, for a parent that is there already, refuses. Refuses a used priority and a package filter that cannot be read. */
  readonly addTagInheritance: (
    child: string,
    parent: string,
    options?: Partial<LinkOptions>
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | HubRefused>
  readonly removeTagInheritance: (
    child: string,
    parent: string
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | HubRefused>
  /** The tag's own links, by priority (Koji's `getInheritanceData`). */
  readonly inheritance: (
    tag: string,
    event?: number | null
  ) => Effect.Effect<ReadonlyArray<InheritanceLink>, HubUnavailable | NoSuchTag>
  /** The parents in inheritance order; one may come twice. `currdepth` 1 is a direct parent. */
  readonly fullInheritance: (
    tag: string,
    event?: number | null
  ) => Effect.Effect<ReadonlyArray<FullLink>, HubUnavailable | NoSuchTag | HubRefused>

  // package lists
  /** Koji's `add-pkg`; packages that the tag's list has already, its own or inherited, are given back in `already`. */
  readonly addPackages: (
    tag: string,
    names: ReadonlyArray<string>,
    options?: { readonly owner?: string }
  ) => Effect.Effect<
    { readonly added: ReadonlyArray<string>; readonly already: ReadonlyArray<string> },
    HubUnavailable | NoSuchTag | HubRefused
  >
  /** Koji's `block-pkg`: the packages must be in the tag's list, its own or inherited. */
  readonly blockPackages: (
    tag: string,
    names: ReadonlyArray<string>
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | HubRefused>
  /** Koji's `unblock-pkg`. */
  readonly unblockPackages: (
    tag: string,
    names: ReadonlyArray<string>
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | HubRefused>
  /** The package list with inheritance, by name; blocked entries are in it. */
  readonly listPackages: (
    tag: string,
    options?: { readonly event?: number | null; readonly inherit?: boolean }
  ) => Effect.Effect<ReadonlyArray<PackageEntry>, HubUnavailable | NoSuchTag | HubRefused>

  // groups
  /** The groups of a tag and its parents, by name; without what is blocked unless it is asked for (Koji's `getTagGroups`). */
  readonly groups: (
    tag: string,
    options?: GroupOptions
  ) => Effect.Effect<ReadonlyArray<TagGroup>, HubUnavailable | NoSuchTag>
  /** Koji's `add-group`. */
  readonly addGroup: GroupChange
  readonly blockGroup: GroupChange
  readonly unblockGroup: GroupChange
  /** Koji's `add-group-pkg`. Packages are names of rpms; nothing checks that there are any. */
  readonly addGroupPackages: GroupChange<ReadonlyArray<string>>
  readonly blockGroupPackages: GroupChange<ReadonlyArray<string>>
  readonly unblockGroupPackages: GroupChange<ReadonlyArray<string>>
  /** Koji's `add-group-req`: makes a group need another. */
  readonly addGroupRequirement: GroupChange<string>
  readonly blockGroupRequirement: GroupChange<string>
  readonly unblockGroupRequirement: GroupChange<string>

  // external repos and volumes
  /** By name. */
  readonly externalRepos: (event?: number | null) => Effect.Effect<ReadonlyArray<ExternalRepo>, HubUnavailable>
  /** Which tags themselves use which external repos, by priority. */
  readonly tagExternalRepos: (query: {
    readonly tag?: string
    readonly repo?: string
    readonly event?: number | null
  }) => Effect.Effect<ReadonlyArray<TagExternalRepo>, HubUnavailable | NoSuchTag | HubRefused>
  /** What a tag and its parents use: depth first, by priority, each once (Koji's `getExternalRepoList`). */
  readonly externalRepoList: (
    tag: string,
    event?: number | null
  ) => Effect.Effect<ReadonlyArray<TagExternalRepo>, HubUnavailable | NoSuchTag>
  /** Makes an external repo (where the URL is null it is there already), and has tags use it. Gives its id and the new uses. */
  readonly addExternalRepo: (
    name: string,
    url: string | null,
    uses: ReadonlyArray<ExternalRepoUse>
  ) => Effect.Effect<
    { readonly id: number; readonly uses: ReadonlyArray<TagExternalRepo> },
    HubUnavailable | NoSuchTag | HubRefused
  >
  readonly editExternalRepo: (
    repo: string,
    change: { readonly name?: string; readonly url?: string }
  ) => Effect.Effect<void, HubUnavailable | HubRefused>
  readonly editTagExternalRepo: (
    tag: string,
    repo: string,
    change: { readonly priority?: number; readonly mode?: MergeMode; readonly arches?: string }
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | HubRefused>
  readonly removeTagExternalRepo: (
    repo: string,
    tags: ReadonlyArray<string>
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | HubRefused>
  /** Ends an external repo, and its use by all tags. */
  readonly deleteExternalRepo: (repo: string) => Effect.Effect<void, HubUnavailable | HubRefused>
  /** By id. */
  readonly volumes: Effect.Effect<ReadonlyArray<Volume>, HubUnavailable>
  /** A volume that can be written to: its folder is there. */
  readonly volume: (name: string) => Effect.Effect<Volume, HubUnavailable | HubRefused>
  /** Koji's `add-volume`; its folder `<topdir>/vol/<name>` must be there. */
  readonly addVolume: (name: string) => Effect.Effect<Volume, HubUnavailable | HubRefused>

  /** Koji's `set-build-volume`: moves builds to a volume, whose folder must be there. All the builds are known, or none is moved. */
  readonly setBuildVolume: (
    volume: string,
    nvrs: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<MoveOutcome>, HubUnavailable | NoSuchBuild | HubRefused | PublishLockHeld>

  // files
  /**
   * Koji's `import --create-build`: verifies each file's digests while it copies it into the topdir, makes the builds
   * that are missing, and records the signature headers. Every problem of every file is found before anything is
   * written. One event a build.
   */
  readonly importRpms: (
    files: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<ImportOutcome>, HubUnavailable | RpmsRefused>
  /** Koji's `import-sig`: records the signature headers of signed rpms; with `write` (the default) the signed copies too. */
  readonly importSignatures: (
    files: ReadonlyArray<string>,
    options?: { readonly write?: boolean }
  ) => Effect.Effect<ReadonlyArray<SignatureOutcome>, HubUnavailable | RpmsRefused>
  /** Koji's `write-signed-rpm`: writes signed copies from stored signature headers; an existing copy stays unless `force`. */
  readonly writeSignedRpms: (
    key: string,
    nvras: ReadonlyArray<string>,
    options?: { readonly force?: boolean }
  ) => Effect.Effect<ReadonlyArray<WriteOutcome>, HubUnavailable | NoSuchRpm | HubRefused>

  // tagging
  /** Tags builds in the order given, each at its own event. `force` passes over locks, package lists and being tagged already. */
  readonly tagBuild: (
    tag: string,
    nvrs: ReadonlyArray<string>,
    options?: { readonly force?: boolean }
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | NoSuchBuild | HubRefused>
  readonly untagBuild: (
    tag: string,
    nvrs: ReadonlyArray<string>,
    options?: { readonly force?: boolean }
  ) => Effect.Effect<void, HubUnavailable | NoSuchTag | NoSuchBuild | HubRefused>
  readonly build: (nvr: string) => Effect.Effect<BuildInfo, HubUnavailable | NoSuchBuild>
  /** The rpms of a build, by N-V-R.A. */
  readonly buildRpms: (nvr: string) => Effect.Effect<ReadonlyArray<HubRpm>, HubUnavailable | NoSuchBuild>

  // content
  /** Koji's `listTagged`, in its order: tag by tag along the inheritance, newest tagging first. */
  readonly listTagged: (
    tag: string,
    options: ListOptions
  ) => Effect.Effect<ReadonlyArray<TaggedBuild>, HubUnavailable | NoSuchTag | HubRefused>
  /** Koji's `listTaggedRPMS`: the rpms by name, version, release and arch (bytewise), and the builds as `listTagged`. */
  readonly listTaggedRpms: (
    tag: string,
    options: ListOptions
  ) => Effect.Effect<
    { readonly rpms: ReadonlyArray<HubRpm>; readonly builds: ReadonlyArray<TaggedBuild> },
    HubUnavailable | NoSuchTag | HubRefused
  >
  /**
   * What an export reads, all at one moment (one read transaction). Signatures and copies are as of now, also with an event.
   * `check` sees the tag's arches before anything else is read; what it fails with is the failure. As with Koji's client, a tag
   * that is not there now comes first, then the arches, then what is wrong with the event. Given what was `former`ly read with the
   * same options, it reads only what was touched since, where that can be told and is a small part. Else `use` gets all rpms, in the
   * order of their file names (bytewise), one after the other, for a big tag's would take much memory; it must read them to the end.
   */
  readonly tagContent: <A, E = never>(
    tag: string,
    options: ContentOptions,
    use: (rpms: Iterable<HubRpm>) => A,
    check?: (arches: ReadonlyArray<string>) => Either.Either<unknown, E>,
    former?: FormerContent | null
  ) => Effect.Effect<TagContent<A>, HubUnavailable | NoSuchTag | NoSuchEvent | HubRefused | E>
  /**
   * The events after `since` that can have changed a tag's content: its builds coming and going, what happened to its and its
   * parents' package lists and inheritance, and to the files of the builds. Oldest first.
   */
  readonly contentCauses: (
    tag: string,
    options: ContentOptions,
    since: number
  ) => Effect.Effect<ReadonlyArray<ContentCause>, HubUnavailable | NoSuchTag>
  /**
   * When the first of these rpms, by N-V-R.A, came into a tag or, with `inherit`, one of its parents: a Unix time in milliseconds, null
   * where none of them is there.
   */
  readonly firstTagged: (
    tag: string,
    inherit: boolean,
    nvras: ReadonlyArray<string>
  ) => Effect.Effect<number | null, HubUnavailable | NoSuchTag>
  /** The file that each of these rpms has for a key, or its primary copy for null; null where there is none. In their order. */
  readonly rpmFiles: (
    wanted: ReadonlyArray<{ readonly id: number; readonly sigkey: string | null }>
  ) => Effect.Effect<ReadonlyArray<RpmCopy | null>, HubUnavailable>
  /**
   * Where the files of these bytes lie, in their order, relative to the topdir: the primary copy, or else the signed one; null where
   * there is none.
   */
  readonly rpmPaths: (files: ReadonlyArray<RpmCopy>) => Effect.Effect<ReadonlyArray<string | null>, HubUnavailable>
  /** Every change of a tag, oldest first. */
  readonly history: (tag: string) => Effect.Effect<ReadonlyArray<HistoryEntry>, HubUnavailable | NoSuchTag>

  // events
  readonly event: (id: number) => Effect.Effect<HubEvent, HubUnavailable | NoSuchEvent>
  /** null while nothing has ever changed. */
  readonly lastEvent: Effect.Effect<HubEvent | null, HubUnavailable>

  // repos
  /** A new repo row in state INIT; gives its id. Ids of dist and internal repos are one sequence. */
  readonly repoInit: (repo: NewRepo) => Effect.Effect<number, HubUnavailable | NoSuchTag | NoSuchEvent | HubRefused>
  /** Moves a repo to another state by Koji's rules: upward, or to DELETED. The same state again is no change. */
  readonly setRepoState: (id: number, state: RepoState) => Effect.Effect<void, HubUnavailable | NoSuchRepo | HubRefused>
  /** The same for several, all or none. */
  readonly setRepoStates: (
    ids: ReadonlyArray<number>,
    state: RepoState
  ) => Effect.Effect<void, HubUnavailable | NoSuchRepo | HubRefused>
  /** Keeps repos from being removed for their age, or no longer. Gives the ids of those for which that is new. */
  readonly pinRepos: (
    ids: ReadonlyArray<number>,
    pinned: boolean
  ) => Effect.Effect<ReadonlyArray<number>, HubUnavailable | NoSuchRepo | HubRefused>
  /** Koji's `repoInfo`. */
  readonly repo: (id: number) => Effect.Effect<RepoRow, HubUnavailable | NoSuchRepo>
  /** All repos of a tag, oldest first. */
  readonly repos: (tag: string) => Effect.Effect<ReadonlyArray<RepoRow>, HubUnavailable | NoSuchTag>
  readonly queryRepos: (query: RepoQuery) => Effect.Effect<ReadonlyArray<RepoRow>, HubUnavailable | NoSuchTag>
  /** Koji's `getRepo`: of a tag's repos (internal ones unless told) the READY one that was made last; null where there is none. */
  readonly getRepo: (tag: string, options?: GetRepoOptions) => Effect.Effect<RepoRow | null, HubUnavailable | NoSuchTag>
  /** A tag's repos (dist repos unless told) in state INIT, oldest first. */
  readonly unfinishedRepos: (
    tag: string,
    kind?: RepoKind
  ) => Effect.Effect<ReadonlyArray<PlacedRepo>, HubUnavailable | NoSuchTag>
  /** The READY dist repo that was made last, of these options where they are given. */
  readonly newestReadyRepo: (
    tag: string,
    options?: string
  ) => Effect.Effect<ReadyRepo | null, HubUnavailable | NoSuchTag>
  /** The READY internal repo that was made last, of all with these of Koji's options. */
  readonly newestInternalRepo: (
    tag: string,
    opts: { readonly [key: string]: Json }
  ) => Effect.Effect<ReadyRepo | null, HubUnavailable | NoSuchTag>
  /** The READY repo (dist unless told) of the greatest (create event, id): where the `latest` link points. */
  readonly latestRepo: (tag: string, kind?: RepoKind) => Effect.Effect<ReadyRepo | null, HubUnavailable | NoSuchTag>
  /** The newest event before another that touched a tag or, unless told, one of its parents; null if none. Signatures do not touch it. */
  readonly tagLastChangeEvent: (
    tag: string,
    options?: { readonly before?: number | null; readonly inherit?: boolean }
  ) => Effect.Effect<number | null, HubUnavailable | NoSuchTag>
  /** The first such event after another; null if nothing has changed. */
  readonly tagFirstChangeEvent: (
    tag: string,
    options?: { readonly after?: number | null; readonly inherit?: boolean }
  ) => Effect.Effect<number | null, HubUnavailable | NoSuchTag>
  /** Keeps the end events of READY repos that have one by now, which spares looking them up. */
  readonly updateEndEvents: Effect.Effect<void, HubUnavailable>
  /** Runs an effect while no other process, nor another fiber of this one, publishes into this topdir. */
  readonly withPublishLock: <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | HubUnavailable | PublishLockHeld, R>
  /** The same, but only if nobody publishes just now: it does not wait. */
  readonly withFreePublishLock: <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<Option.Option<A>, E | HubUnavailable, R>
}

/** Changes a group of a tag: what is in it, or what it is in. */
type GroupChange<What = never> = (
  tag: string,
  group: string,
  ...what: [What] extends [never] ? [] : [what: What]
) => Effect.Effect<void, HubUnavailable | NoSuchTag | HubRefused>
