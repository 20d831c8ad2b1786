import type { MergeMode } from "../koji/merge-repos.ts"
import type { Moment } from "./moment.ts"

/** What the hub's methods give and take. Times are Unix times in milliseconds, events are the hub's event ids. */

/** An extra value of a tag: any JSON. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

export interface HubEvent {
  readonly id: number
  /** Unix time in milliseconds. */
  readonly time: number
}

export interface TagInfo {
  readonly id: number
  readonly name: string
  /** Separated by spaces; "" where the tag has none. As with Koji's tags, "" is a value and so is never inherited. */
  readonly arches: string
  /** The tag's own values, without inheritance. */
  readonly extra: { readonly [key: string]: Json }
  readonly locked: boolean
}

/** A tag with the extra that it inherits folded in (Koji's `getBuildConfig`). */
export interface BuildConfig extends TagInfo {
  /** The name of the tag that each inherited extra value comes from. */
  readonly inheritedFrom: { readonly [key: string]: string }
}

/** Options of an inheritance link; `maxdepth` null is unlimited, `pkgFilter` "" is no filter. */
export interface LinkOptions {
  readonly priority: number
  readonly maxdepth: number | null
  readonly intransitive: boolean
  readonly noconfig: boolean
  readonly pkgFilter: string
}

export interface PackageEntry {
  readonly packageId: number
  readonly packageName: string
  /** The tag whose entry this is. */
  readonly tagId: number
  readonly tagName: string
  readonly blocked: boolean
  readonly owner: string
}

export interface BuildInfo {
  readonly id: number
  readonly packageId: number
  readonly name: string
  readonly version: string
  readonly release: string
  readonly epoch: number | null
  readonly nvr: string
  readonly owner: string
  /** The event that made the build. */
  readonly creationEvent: number
  readonly creationTime: number
}

/** A build in a tag. */
export interface TaggedBuild extends BuildInfo {
  /** The tag of the inheritance chain that carries the build. */
  readonly tagId: number
  readonly tagName: string
  /** The event that tagged it. */
  readonly createEvent: number
}

/** A file that the hub holds: its digest in lower-case hex and its size in bytes. */
export interface RpmCopy {
  readonly sha256: string
  readonly size: number
}

export interface RpmSignature {
  /** 8 lower-case hex digits, or "" for the header of an unsigned file. */
  readonly sigkey: string
  /** The signed copy, where one was written. */
  readonly copy: RpmCopy | null
}

export interface HubRpm {
  readonly id: number
  readonly name: string
  readonly version: string
  readonly release: string
  readonly epoch: number | null
  readonly arch: string
  readonly buildId: number
  /** Hex of the header's SIGMD5, by Koji's name. */
  readonly payloadhash: string
  /** Size of the primary copy in bytes. */
  readonly size: number
  /** Unix time in seconds. */
  readonly buildtime: number
  readonly build: {
    readonly name: string
    readonly version: string
    readonly release: string
    readonly epoch: number | null
  }
  /** The file as it was imported, signed or not. */
  readonly primary: RpmCopy
  /** In the order of their keys, bytewise. */
  readonly signatures: ReadonlyArray<RpmSignature>
}

/** Which content of a tag is meant: at which event (null: now), with its parents, only each package's latest build. */
export interface ContentOptions {
  readonly event: number | null
  readonly inherit: boolean
  readonly latest: boolean
}

export interface ListOptions extends ContentOptions {
  /** Only builds of this package. */
  readonly package?: string
  /** Only rpms of these arches. */
  readonly arches?: ReadonlyArray<string>
}

/** The newest event that touched a content; `time` in whole Unix seconds. */
export interface ContentStamp {
  readonly event: number
  readonly time: number
}

/** A tag's content as it was read at a former moment, of the same options. */
export interface FormerContent {
  readonly moment: Moment
  readonly stamp: ContentStamp
  /** How many packages had a build in it. */
  readonly packages: number
}

/** Everything that an export reads of a tag, read at one moment. */
export type TagContent<Rpms> = ContentFacts & ContentRead<Rpms>

/** Either all rpms, as who asked for them made use of them, or what can be other than in the former content: nothing else is. */
export type ContentRead<Rpms> =
  | { readonly rpms: Rpms; readonly touched: null }
  | { readonly rpms: null; readonly touched: TouchedContent }

interface ContentFacts {
  readonly tag: TagInfo
  /** The tag's, or those of the first parent that has some; none where none has. Always as of now, as Koji's client asks. */
  readonly arches: ReadonlyArray<string>
  /** How many packages have a build in it. */
  readonly packages: number
  readonly stamp: ContentStamp
  /** The event that was asked for, or else the hub's newest. */
  readonly event: number
  /** From which it can be read on next time; null where an event was asked for, or the hub has nothing to tell moments by. */
  readonly moment: Moment | null
}

/** Packages to which something happened, where the former content lists their rpms, and their rpms now. */
interface TouchedContent {
  readonly packages: ReadonlySet<string>
  readonly before: ReadonlyArray<RpmPlace>
  readonly now: ReadonlyArray<HubRpm>
}

/** What an rpm's place in a content follows from. */
export interface RpmPlace {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly build: { readonly name: string; readonly version: string; readonly release: string }
}

/** An event that can be why a tag's content is another than before. */
export interface ContentCause {
  readonly event: number
  readonly time: number
  /** The tag that was changed; null where a file was. */
  readonly tag: string | null
  readonly what: ContentCauseKind
  /** N-V-R of the build whose listing or files changed, name of the package whose entry did, or of the parent tag. */
  readonly subject: string
  /** Of the signature that was imported or the signed copy that was written. */
  readonly sigkey: string | null
}

export type ContentCauseKind =
  | "build-tagged"
  | "build-untagged"
  | "package-added"
  | "package-blocked"
  | "package-unblocked"
  | "inheritance-changed"
  | "rpms-imported"
  | "signature-imported"
  | "signed-copy-written"

export type RepoState = "INIT" | "READY" | "EXPIRED" | "DELETED" | "PROBLEM"

/** A repo of signed rpms for users, or one of a tag's unsigned rpms for builds. */
export type RepoKind = "dist" | "internal"

/** What a repo of a tag is recorded by. */
export interface NewRepo {
  readonly tag: string
  /** The event that the content was taken from. */
  readonly createEvent: number
  /** Digest of the content, the options as canonical JSON and the fingerprint of the root rule: equal ones need no new repo. */
  readonly content: string
  readonly options: string
  readonly fingerprint: string
  /** Key of the node that it was published from. */
  readonly root: string
  /** `dist` where absent. */
  readonly kind?: RepoKind
  /** The name of the volume that it lies on; null or absent: DEFAULT. */
  readonly volume?: string | null
  /** Koji's options of an internal repo, and those of them that are not the tag's own; absent in dist repos. */
  readonly opts?: { readonly [key: string]: Json }
  readonly customOpts?: { readonly [key: string]: Json }
}

export interface RepoRow {
  readonly id: number
  readonly tagId: number
  readonly tagName: string
  readonly kind: RepoKind
  readonly state: RepoState
  readonly createEvent: number
  /** Times in milliseconds: of the event, of when the row was made, and of when it came into its state. */
  readonly createTime: number
  readonly creationTime: number
  readonly stateTime: number
  /** The change that began and the one that ended the time in which the tag had this content. Only internal repos have a first. */
  readonly beginEvent: number | null
  /** Null while nothing changed. */
  readonly endEvent: number | null
  readonly volume: string | null
  readonly opts: { readonly [key: string]: Json } | null
  readonly customOpts: { readonly [key: string]: Json } | null
  /** Kept whatever its age. */
  readonly pinned: boolean
  readonly content: string
  readonly options: string
  readonly fingerprint: string
  readonly root: string
}

/** A repo of which is not asked until when its content is the tag's: to look that up can take longer than all the rest. */
export type ReadyRepo = Omit<RepoRow, "endEvent">

/** A place in the topdir, `vol/<name>`, that may be another file system; DEFAULT, of id 0, is the topdir itself. */
export interface Volume {
  readonly id: number
  readonly name: string
}

/** A repository elsewhere. */
export interface ExternalRepo {
  readonly id: number
  readonly name: string
  /** Ends with a slash; `$arch` in it stands for the arch. */
  readonly url: string
}

/** That a tag uses an external repo. */
export interface TagExternalRepo {
  readonly externalRepoId: number
  readonly externalRepoName: string
  /** Lower ones come first. */
  readonly priority: number
  readonly tagId: number
  readonly tagName: string
  readonly url: string
  readonly mergeMode: MergeMode
  /** Separated by spaces; null: all. */
  readonly arches: string | null
  /** The event that made it so. */
  readonly createEvent: number
}

/** What became of one file given to `importRpms`. */
export interface ImportOutcome {
  readonly file: string
  readonly nvra: string
  /** N-V-R of its build. */
  readonly build: string
  readonly sigkey: string
  readonly outcome: "imported" | "already-imported"
}

/** What became of one file given to `importSignatures`. */
export interface SignatureOutcome {
  readonly file: string
  readonly nvra: string
  readonly sigkey: string
  readonly outcome: "imported" | "already-imported" | "unsigned"
  /** True where a signed copy was written by this call. */
  readonly written: boolean
}

/** What became of one build given to `setBuildVolume`. */
export interface MoveOutcome {
  readonly nvr: string
  /** The names of the volume that it was on before, and of the one that it is on now. */
  readonly from: string
  readonly to: string
  readonly outcome: "moved" | "already-there"
}

/** What became of one rpm given to `writeSignedRpms`. */
export interface WriteOutcome {
  readonly nvra: string
  readonly outcome: "written" | "already-written"
}

/** What a line of a tag's history is about. */
export type HistorySubject =
  | { readonly kind: "tag" }
  | { readonly kind: "extra"; readonly key: string; readonly value: Json }
  | { readonly kind: "inheritance"; readonly parent: string }
  | { readonly kind: "owner"; readonly package: string; readonly owner: string }
  | { readonly kind: "package"; readonly package: string; readonly blocked: boolean }
  | { readonly kind: "build"; readonly nvr: string }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "group-requirement"; readonly group: string; readonly required: string }
  | { readonly kind: "group-package"; readonly group: string; readonly package: string }
  | { readonly kind: "external-repo"; readonly repo: string }

/** One change of a tag. `edited`: a former value of the same subject ended at the same event. */
export interface HistoryEntry {
  readonly event: number
  readonly time: number
  readonly by: string
  readonly tag: string
  readonly action: "created" | "edited" | "revoked"
  readonly active: boolean
  readonly subject: HistorySubject
}
